namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>What <c>bench</c> was asked. Immutable.</summary>
internal sealed record BenchOptions
{
    /// <summary>Directory for the scratch store, absent or empty; null takes a temporary one.</summary>
    public string? Store { get; init; }

    public int Mailboxes { get; init; } = 100;

    /// <summary>Folders of each mailbox beside INBOX.</summary>
    public int Folders { get; init; } = 4;

    /// <summary>Messages of each mailbox at the start, spread over INBOX and its folders.</summary>
    public int Messages { get; init; } = 1000;

    /// <summary>How long each part that is measured by time lasts.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Let other programs recount too.</summary>
    public bool Peers { get; init; }

    /// <summary>Drop the machine's caches for a cold start; root only.</summary>
    public bool Cold { get; init; }

    /// <summary>The rows as JSON instead of a table.</summary>
    public bool Json { get; init; }
}
