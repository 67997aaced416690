using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher;

/// <summary>
/// One accepted change of a mailbox: what it held before and holds now, the limit that applies, and what was done to
/// the ledger. The only thing that leaves accounting.
/// </summary>
public sealed record UsageChange
{
    /// <summary>Usage at the change before this one; null at the first.</summary>
    public required Usage? Before { get; init; }

    /// <summary>The truth now.</summary>
    public required Usage After { get; init; }

    /// <summary>
    /// Usage of the quota roots beside the user's own, that of root n at n-1; see <see cref="IFolderRoots"/>. Null when
    /// the mailbox has had no folder in any; a root beyond the end holds nothing.
    /// </summary>
    public Usage[]? OtherRoots { get; init; }

    /// <summary>The limit that applies: a forced one, else the header's, else a configured one; null when nobody set
    /// one.</summary>
    public required QuotaLimit? Limit { get; init; }

    public required LedgerAction Action { get; init; }

    /// <summary>What the ledger said before it was corrected, if it could be read.</summary>
    public Usage? Ledger { get; init; }

    /// <summary>Truth minus ledger; null when the ledger could not be read.</summary>
    public UsageDelta? Drift => Ledger is { } ledger ? After - ledger : null;

    /// <summary>What the header said before; null when it was missing or not clear. Not kept at rest.</summary>
    public QuotaLimit? Header { get; init; }

    /// <summary>Why the ledger was replaced.</summary>
    public RecalcReason? Reason { get; init; }

    /// <summary>Decided by other rules than the one before, with the same outcome; not for people.</summary>
    public bool SaysNothingNew { get; init; }

    /// <summary>For people: what is wrong and how to mend it.</summary>
    public string? Problem { get; init; }
}

/// <summary>What was done to <c>maildirsize</c>.</summary>
public enum LedgerAction
{
    /// <summary>The ledger already told the truth.</summary>
    None,

    /// <summary>One line was appended.</summary>
    Appended,

    /// <summary>It was replaced by a fresh count.</summary>
    Replaced,

    /// <summary>Observe mode: a line would have been appended.</summary>
    WouldAppend,

    /// <summary>Observe mode: it would have been replaced.</summary>
    WouldReplace,

    /// <summary>No <c>maildirsize</c>, and no limit to make one from or not to be made: reported only.</summary>
    Absent,

    /// <summary>Could not be read or written; tried again later.</summary>
    Failed,

    /// <summary>Another program keeps rebuilding it to another total; left alone.</summary>
    Contested,
}
