using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Ports;

/// <summary>One look at <c>maildirsize</c>: the parsed ledger, or why there is none.</summary>
public sealed record LedgerReading
{
    public required LedgerState State { get; init; }

    /// <summary>The parsed file; null unless <see cref="LedgerState.Present"/>.</summary>
    public MaildirSize? Ledger { get; init; }

    /// <summary>Which file it was; tells a replaced file from an appended one.</summary>
    public LedgerIdentity Identity { get; init; }

    /// <summary>Time since the last modification; never negative.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>For people: what is in the way and the cure. Null when nothing is.</summary>
    public string? Problem { get; init; }
}

/// <summary>What was found where <c>maildirsize</c> should be.</summary>
public enum LedgerState
{
    Present,
    Absent,

    /// <summary>Something is there that must not be used: a link, a FIFO, a directory, a hard link.</summary>
    Refused,

    /// <summary>The system said no; may be better next time.</summary>
    Failed,
}

/// <summary>Device, inode and length of the file read; all zero when absent.</summary>
public readonly record struct LedgerIdentity(ulong Device, ulong Inode, long Length)
{
    /// <summary>Same file, whatever was appended to it.</summary>
    public bool IsSameFile(LedgerIdentity other) => Device == other.Device && Inode == other.Inode;
}
