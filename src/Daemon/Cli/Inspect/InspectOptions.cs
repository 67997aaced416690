using MaildirQuotaWatcher.Config;

namespace MaildirQuotaWatcher.Cli.Inspect;

/// <summary>What <c>inspect</c> was asked: truth beside ledger, nothing written. Immutable.</summary>
internal sealed record InspectOptions
{
    /// <summary>Mailboxes as named by the user, at least one.</summary>
    public required IReadOnlyList<string> Mailboxes { get; init; }

    /// <summary>One JSON object for each mailbox instead of text.</summary>
    public bool Json { get; init; }

    /// <summary>The configuration to count by; null for that of the machine, where it has these mailboxes.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Counting was chosen on the command line.</summary>
    public bool IsCountingChosen { get; init; }

    public CountingChoice Counting { get; init; } = CountingChoice.MaildirPlusPlus;

    /// <summary>Believe <c>,S=</c> in names.</summary>
    public bool TrustNames { get; init; } = true;
}
