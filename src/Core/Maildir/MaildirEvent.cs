namespace MaildirQuotaWatcher.Maildir;

/// <summary>One thing the kernel saw in a mailbox. Lives only as long as the buffer its name lies in.</summary>
public readonly ref struct MaildirEvent
{
    public required MaildirEventKind Kind { get; init; }

    /// <summary>Id of the message directory (<see cref="MailboxIndex.AddDirectory"/>); unused for the ledger.</summary>
    public int Directory { get; init; }

    /// <summary>Entry name, bytes.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Joins the two halves of a rename; 0 when there is none.</summary>
    public uint Cookie { get; init; }

    /// <summary>The other half of the rename was in a directory of another watched mailbox.</summary>
    public bool FromOtherMailbox { get; init; }
}

/// <summary>What happened.</summary>
public enum MaildirEventKind
{
    /// <summary>A name appeared: a link, a new file, perhaps still being written.</summary>
    Created,

    /// <summary>A file was closed after writing.</summary>
    Written,

    Deleted,

    /// <summary>Renamed away; the first half of a move.</summary>
    MovedOut,

    /// <summary>Renamed to here; the second half of a move, or a delivery out of <c>tmp</c>.</summary>
    MovedIn,

    /// <summary><c>maildirsize</c> was written, replaced or removed.</summary>
    LedgerTouched,
}
