using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.State;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>What all mailboxes of a pool share.</summary>
/// <param name="Accounting">Policy, settle time, observe mode.</param>
/// <param name="Hash">Keyed hash, one random key a process.</param>
internal sealed record PoolOptions(AccountantOptions Accounting, NameHash Hash)
{
    /// <summary>Where changes go.</summary>
    public IChangeSink? Sink { get; init; }

    /// <summary>
    /// The rules for the mailboxes of a user, asked when one is found, on a worker's thread; returns at once, never
    /// throws. Null for the policy's own folders and no limit.
    /// </summary>
    public Func<string, MailboxRules>? RulesOf { get; init; }

    /// <summary>Worker threads; 0 takes one a processor.</summary>
    public int Workers { get; init; }

    /// <summary>How hard the workers may scan.</summary>
    public ScanPace Pace { get; init; } = new(background: false, perSecond: 0);

    /// <summary>Helps all workers to look at messages.</summary>
    public StatCrew Crew { get; init; } = new();

    /// <summary>What mailboxes are watched by.</summary>
    public SourceChoice Source { get; init; }

    /// <summary>What earlier runs knew; null to count everything at start.</summary>
    public TotalsStore? Totals { get; init; }

    /// <summary>Between two looks at a mailbox of whose changes the kernel does not tell.</summary>
    public TimeSpan PollEvery { get; init; } = DefaultPoll;

    /// <summary>See <see cref="PollEvery"/>.</summary>
    public static readonly TimeSpan DefaultPoll = TimeSpan.FromMinutes(5);

    /// <summary>See <see cref="RetryAfter"/>.</summary>
    public static readonly TimeSpan DefaultRetry = TimeSpan.FromSeconds(15);

    /// <summary>How long a mailbox that could not be watched or read waits before it is tried again.</summary>
    public TimeSpan RetryAfter { get; init; } = DefaultRetry;

    /// <summary>Told, on a worker thread, of a mailbox whose root is gone.</summary>
    public Action<Mailbox>? Gone { get; init; }
}
