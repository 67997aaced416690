using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Config;

/// <summary>Everything the configuration file says; the initialisers are the defaults. Immutable.</summary>
internal sealed record Settings
{
    public const string DefaultPath = "/etc/maildir-quota-watcher/maildir-quota-watcher.conf";

    public MailboxSettings Mailboxes { get; init; } = new();
    public QuotaSettings Quota { get; init; } = new();
    public LimitSettings Limits { get; init; } = new();
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
    public const string UsualExceededMessage = "Quota exceeded (mailbox for user is full)";

    /// <summary>The quota roots; the first is the user's own, which <c>maildirsize</c> counts.</summary>
    public IReadOnlyList<RootSettings> Roots { get; init; } = [new RootSettings(RootSettings.User)];

    /// <summary>The largest message that is let in.</summary>
    public MaxMailSize MaxMailSize { get; init; }

    /// <summary>What a sender is told.</summary>
    public string ExceededMessage { get; init; } = UsualExceededMessage;

    public CountingChoice Counting { get; init; } = CountingChoice.MaildirPlusPlus;

    /// <summary>Believe <c>,S=</c> in message names instead of asking the disk.</summary>
    public bool TrustNames { get; init; } = true;

    /// <summary>Make <c>maildirsize</c> where it is missing and a limit applies.</summary>
    public bool Create { get; init; } = true;
}

/// <summary>One quota root. Immutable.</summary>
/// <param name="Root">Its name and what belongs to it.</param>
internal sealed record RootSettings(QuotaRoot Root)
{
    /// <summary>What there is when no root is named: all that <c>maildirsize</c> counts.</summary>
    public static QuotaRoot User { get; } = new("User quota", QuotaRootKind.Mailbox);

    /// <summary>What <c>limit</c> and <c>messages</c> say: before the first rule, and gone where a user has a limit of
    /// his own.</summary>
    public IReadOnlyList<QuotaRule> Shorthand { get; init; } = [];

    /// <summary>As numbered: the first is <c>quota_rule</c>. A user's rule stands for the one of its number.</summary>
    public IReadOnlyList<QuotaRule> Numbered { get; init; } = [];

    /// <summary>What both say together; made anew each time.</summary>
    public RuleSet Rules => RuleSet.Create([.. Shorthand, .. Numbered]);

    /// <summary>In order of definition.</summary>
    public IReadOnlyList<WarningRule> Warnings { get; init; } = [];

    public Grace Grace { get; init; } = Grace.Default;

    /// <summary>Mask of the flags that mean "over quota"; null asks for no flag.</summary>
    public string? OverFlagValue { get; init; }

    /// <summary>What runs when flag and usage disagree; empty for nothing.</summary>
    public IReadOnlyList<string> OverScript { get; init; } = [];
}

/// <summary><c>[limits]</c>: who says what a single user may hold.</summary>
internal sealed record LimitSettings
{
    /// <summary>In order: the first that knows a user decides.</summary>
    public IReadOnlyList<LimitSourceSpec> Sources { get; init; } = [];

    /// <summary>After this time a source is asked again.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromHours(1);
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

/// <summary><c>[warnings]</c>: how scripts are run; which ones is said with each quota root.</summary>
internal sealed record WarningSettings
{
    /// <summary>Run time after which a script is killed.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Scripts at once.</summary>
    public int Concurrent { get; init; } = 4;

    /// <summary>Account the scripts run as; null for the daemon's own.</summary>
    public string? User { get; init; }

    /// <summary>So many start in a minute at most, the rest wait; 0 for as many as come.</summary>
    public int PerMinute { get; init; }

    /// <summary>When nothing is run; what is due then waits for the end of it. Null for never.</summary>
    public QuietHours? QuietHours { get; init; }

    /// <summary>A threshold warns again only when usage has been so many points of the limit away from it.</summary>
    public int Hysteresis { get; init; }

    /// <summary>While usage stays, the warning is repeated after this time; zero for never.</summary>
    public TimeSpan Remind { get; init; }

    public WarningChoice Choice { get; init; } = WarningChoice.Highest;

    /// <summary>Dovecot's base_dir, where its script sockets are.</summary>
    public string BaseDirectory { get; init; } = "/run/dovecot";

    /// <summary>While flag and usage disagree, the script is run again after this time.</summary>
    public TimeSpan OverFlagInterval { get; init; } = TimeSpan.FromMinutes(10);
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
