using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.State;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher;

/// <summary>What a <see cref="MailWatch"/> follows and how. Immutable.</summary>
internal sealed record MailWatchOptions
{
    public AccountantOptions Accounting { get; init; } = new();

    /// <summary>The administrator's limit for every mailbox; null leaves it to each header.</summary>
    public QuotaLimit? Limit { get; init; }

    /// <inheritdoc cref="PoolOptions.RulesOf"/>
    /// <remarks>Null for <see cref="Limit"/> and the policy's own folders.</remarks>
    public Func<string, MailboxRules>? RulesOf { get; init; }

    /// <summary>Worker threads; 0 takes one a processor.</summary>
    public int Workers { get; init; }

    /// <summary>Mail comes first: scans read in the idle I/O class, and not more than <see cref="ScanRate"/>.</summary>
    public bool Background { get; init; }

    /// <summary>Directory entries a second in the background; 0 for as many as come.</summary>
    public long ScanRate { get; init; }

    /// <inheritdoc cref="PoolOptions.Source"/>
    public SourceChoice Source { get; init; }

    /// <inheritdoc cref="PoolOptions.Totals"/>
    public TotalsStore? Totals { get; init; }

    /// <inheritdoc cref="PoolOptions.PollEvery"/>
    public TimeSpan PollEvery { get; init; } = PoolOptions.DefaultPoll;

    /// <inheritdoc cref="PoolOptions.RetryAfter"/>
    public TimeSpan RetryAfter { get; init; } = PoolOptions.DefaultRetry;

    /// <summary>Replace every ledger by a fresh count at first sight.</summary>
    public bool Recalculate { get; init; }

    public IReadOnlyList<IChangeSink> Sinks { get; init; } = [];

    /// <summary>The source behind a word of the configuration.</summary>
    public static SourceChoice SourceOf(WatchSource word) => word switch
    {
        WatchSource.Inotify => SourceChoice.Inotify,
        WatchSource.Fanotify => SourceChoice.Fanotify,
        _ => SourceChoice.Auto,
    };

    /// <summary>The policy behind a word of the configuration.</summary>
    public static CountingPolicy PolicyOf(CountingChoice choice, bool trustNames)
    {
        var policy = choice switch
        {
            CountingChoice.Dovecot => CountingPolicy.Dovecot,
            CountingChoice.Exim => CountingPolicy.Exim,
            _ => CountingPolicy.MaildirPlusPlus,
        };
        return trustNames ? policy : policy.WithoutTrustedNames();
    }
}
