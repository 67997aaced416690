using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Users;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Cli.Explain;

/// <summary>Everything that is known of one mailbox and what applies to it. Immutable.</summary>
internal sealed record Explanation
{
    public required Whom Whom { get; init; }

    /// <summary>The configuration.</summary>
    public required Settings Settings { get; init; }

    /// <summary>Somebody who may know could be asked; else <see cref="Quota"/> imposes nothing.</summary>
    public required bool IsKnown { get; init; }

    /// <summary>What applies.</summary>
    public required UserQuota Quota { get; init; }

    /// <summary>Who says the user's own part of it; null when nobody does.</summary>
    public required string? Source { get; init; }

    /// <summary>What a source that could not be asked said.</summary>
    public IReadOnlyList<string> Troubles { get; init; } = [];

    /// <summary>What lies on disk, folder by folder.</summary>
    public required IReadOnlyList<(MaildirFolder Folder, Usage Usage)> Folders { get; init; }

    public required LedgerReading Ledger { get; init; }

    /// <summary>How the folders are counted.</summary>
    public required CountingPolicy Policy { get; init; }

    /// <summary>What is remembered of warnings, by <see cref="WarningSubject.Key"/>.</summary>
    public required Func<string, WarningMemory> MemoryOf { get; init; }

    /// <summary>What the mailboxes of a group hold together, and the limit it is judged by; null when no service runs
    /// that knows it.</summary>
    public required Func<QuotaRoot, string, (Usage Usage, QuotaLimit? Limit)?> GroupSum { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long Now { get; init; }

    /// <summary>The limit that applies to the user's own root; null when nobody set one.</summary>
    public QuotaLimit? Limit =>
        Quota.Mailbox.Limit is { } configured ? configured.Beside(Ledger.Ledger?.Limit) : Ledger.Ledger?.Limit;

    /// <summary>The limit of a root; unlimited where nobody set one.</summary>
    public QuotaLimit LimitOf(UserRoot root) =>
        (root.IsHierarchy || root.IsGroup ? root.Rules.Default?.Limit : Limit) ?? QuotaLimit.Unlimited;

    /// <summary>What the mailbox holds of a root that is no group.</summary>
    public Usage UsageOf(UserRoot root)
    {
        var number = root.IsHierarchy ? Quota.Roots.Where(other => other.IsHierarchy).ToList().IndexOf(root) + 1 : 0;
        return MailboxCounter.Total(Folders, number);
    }
}

/// <summary>What is known of the warnings of one mailbox or group. Immutable.</summary>
/// <param name="State">Which thresholds are armed.</param>
/// <param name="Waiting">Those whose command has not been started.</param>
/// <param name="Problem">Why nothing is known; null when something is, or nothing has been stored.</param>
internal sealed record WarningMemory(WarningState State, IReadOnlyList<DueWarning> Waiting, string? Problem);
