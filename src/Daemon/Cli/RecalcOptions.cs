using MaildirQuotaWatcher.Cli.Inspect;
using MaildirQuotaWatcher.Config;

namespace MaildirQuotaWatcher.Cli;

/// <summary>What <c>recalc</c> was asked: count everything and replace the ledger. Immutable.</summary>
internal sealed record RecalcOptions
{
    /// <summary>Mailboxes as named by the user, at least one.</summary>
    public required IReadOnlyList<string> Mailboxes { get; init; }

    /// <inheritdoc cref="InspectOptions.ConfigFile"/>
    public string? ConfigFile { get; init; }

    /// <inheritdoc cref="InspectOptions.IsCountingChosen"/>
    public bool IsCountingChosen { get; init; }

    public CountingChoice Counting { get; init; } = CountingChoice.MaildirPlusPlus;

    /// <summary>Believe <c>,S=</c> in names.</summary>
    public bool TrustNames { get; init; } = true;
}
