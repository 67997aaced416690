using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Config;

/// <summary>Everything the configuration file says; the initialisers are the defaults. Immutable.</summary>
internal sealed record Settings
{
    public const string DefaultPath = "/etc/maildir-quota-watcher/maildir-quota-watcher.conf";

    public MailboxSettings Mailboxes { get; init; } = new();
    public QuotaSettings Quota { get; init; } = new();
    public WatchingSettings Watching { get; init; } = new();
    public ScanningSettings Scanning { get; init; } = new();
    public WarningSettings Warnings { get; init; } = new();
    public StateSettings State { get; init; } = new();
    public LogSettings Log { get; init; } = new();
}

/// <summary><c>[mailboxes]</c>: where they are.</summary>
internal sealed record MailboxSettings
{
    public IReadOnlyList<LocationPattern> Locations { get; init; } = [];
}

/// <summary><c>[quota]</c>: what is allowed and how it is counted.</summary>
internal sealed record QuotaSettings
{
    /// <summary>The administrator's limit; null leaves it to each mailbox's header.</summary>
    public QuotaLimit? Limit { get; init; }

    public CountingChoice Counting { get; init; } = CountingChoice.MaildirPlusPlus;

    /// <summary>Believe <c>,S=</c> in message names instead of asking the disk.</summary>
    public bool TrustNames { get; init; } = true;

    /// <summary>Make <c>maildirsize</c> where it is missing and a limit applies.</summary>
    public bool Create { get; init; } = true;
}

/// <summary><c>[watching]</c>: how mailboxes are followed.</summary>
internal sealed record WatchingSettings
{
    /// <summary>How long a mailbox must be quiet before ledger and truth are compared.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How often a mailbox is looked at whose changes the kernel does not all tell of.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMinutes(5);

    public WatchMode Mode { get; init; } = WatchMode.Enforce;

    public WatchSource Source { get; init; } = WatchSource.Auto;

    /// <summary>Worker threads; 0 means as many as fit the machine.</summary>
    public int Workers { get; init; }
}

/// <summary><c>[scanning]</c>: how hard the daemon reads of its own accord.</summary>
internal sealed record ScanningSettings
{
    /// <summary>Directory entries a second, all threads together; 0 for as many as come.</summary>
    public long Rate { get; init; }
}

/// <summary><c>[warnings]</c>: which scripts run when.</summary>
internal sealed record WarningSettings
{
    public IReadOnlyList<WarningRule> Thresholds { get; init; } = [];

    /// <summary>Run time after which a script is killed.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Scripts at once.</summary>
    public int Concurrent { get; init; } = 4;

    /// <summary>Account the scripts run as; null for the daemon's own.</summary>
    public string? User { get; init; }
}

/// <summary><c>[state]</c>: what the daemon remembers between runs.</summary>
internal sealed record StateSettings
{
    public string Directory { get; init; } = "/var/lib/maildir-quota-watcher";
}

/// <summary><c>[log]</c>.</summary>
internal sealed record LogSettings
{
    public LogLevel Level { get; init; } = LogLevel.Info;
}

/// <summary>Whose way of counting is followed.</summary>
internal enum CountingChoice
{
    MaildirPlusPlus,
    Dovecot,
    Exim,
}

/// <summary>Whether ledgers are written.</summary>
internal enum WatchMode
{
    Enforce,
    Observe,
}

/// <summary>What the kernel is asked to tell of mailboxes by.</summary>
internal enum WatchSource
{
    Auto,
    Inotify,
    Fanotify,
}

/// <summary>The least grave message that is logged.</summary>
internal enum LogLevel
{
    Debug,
    Info,
    Warning,
    Error,
}
