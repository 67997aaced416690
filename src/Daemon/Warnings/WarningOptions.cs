namespace MaildirQuotaWatcher.Warnings;

/// <summary>How warning scripts are run. Immutable.</summary>
internal sealed record WarningOptions
{
    /// <summary>Whole run time of one script; then it and everything it started is killed.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Scripts at once; the rest wait their turn, none is dropped.</summary>
    public int Concurrent { get; init; } = 4;

    /// <summary>How long <see cref="WarningService.StopAsync"/> waits for running scripts.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Account the scripts run as, its groups included; null for the daemon's own.</summary>
    public string? User { get; init; }
}
