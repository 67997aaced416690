using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Cli;

/// <summary>What <c>watch</c> was asked: no configuration file, everything on the command line. Immutable.</summary>
internal sealed record WatchOptions
{
    /// <summary>Mailboxes as named by the user, at least one.</summary>
    public required IReadOnlyList<string> Mailboxes { get; init; }

    /// <summary>From <c>--limit</c> and <c>--messages</c>; null leaves it to each mailbox's header.</summary>
    public QuotaLimit? Limit { get; init; }

    /// <summary>
    /// From <c>--warn</c> and <c>--exec</c>, for storage and messages alike; no command means log only.
    /// </summary>
    public IReadOnlyList<WarningRule> Thresholds { get; init; } = [];

    public CountingChoice Counting { get; init; } = CountingChoice.MaildirPlusPlus;
    public bool TrustNames { get; init; } = true;
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Report instead of writing.</summary>
    public bool Observe { get; init; }

    /// <summary>Put everything right once, run what is due, and end.</summary>
    public bool Once { get; init; }

    /// <summary>Make the Maildir where there is none.</summary>
    public bool Create { get; init; }

    /// <summary>Where warning state is kept; null takes the default place.</summary>
    public string? StateDirectory { get; init; }
}
