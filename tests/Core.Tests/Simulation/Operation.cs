namespace MaildirQuotaWatcher.Core.Tests.Simulation;

/// <summary>One thing that somebody does to a mailbox; the numbers choose which message, how long, how large.</summary>
public sealed record Operation(Deed Deed, int A, int B, int Gap);

/// <summary>What somebody may do to a mailbox.</summary>
public enum Deed
{
    LineFirst,
    LineFirstHeldOpen,
    LineFirstAborted,
    MessageFirst,
    MessageFirstOrphan,
    Drop,
    Expunge,
    Remove,
    Flag,
    FlagTrashed,
    MoveElsewhere,
    RenameOnto,
    Link,
    Rewrite,
    Rebuild,
    DeleteLedger,
    Garbage,
    ChangeHeader,
    AddFolder,
    RemoveFolder,
    Overflow,
    ChangeRules,
    Restart,
}
