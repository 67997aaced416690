using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher;

/// <summary>How mailboxes are accounted for. The same for every mailbox of one store.</summary>
public sealed record AccountantOptions
{
    public CountingPolicy Policy { get; init; } = CountingPolicy.MaildirPlusPlus;

    /// <summary>How long a mailbox must be quiet before its ledger is judged.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Do everything except write; report what would have been done.</summary>
    public bool Observe { get; init; }

    /// <summary>Make a missing ledger where an administrator's limit applies; else it is only reported.</summary>
    public bool Create { get; init; } = true;

    /// <summary>After this long without a quiet moment a drift that holds still is corrected all the same.</summary>
    public TimeSpan Patience => TimeSpan.FromMilliseconds(Math.Max(3000, 10 * Settle.TotalMilliseconds));
}
