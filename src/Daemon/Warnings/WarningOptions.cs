namespace MaildirQuotaWatcher.Warnings;

/// <summary>When warnings are due and how their scripts are run. Immutable.</summary>
internal sealed record WarningOptions
{
    /// <summary>Dovecot's base_dir where none is configured.</summary>
    public const string DefaultBaseDirectory = "/run/dovecot";

    /// <summary>Whole run time of one script; then it and everything it started is killed.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Scripts at once; the rest wait their turn, none is dropped.</summary>
    public int Concurrent { get; init; } = 4;

    /// <summary>Scripts started in any 60 seconds, the rest wait; 0 for as many as come.</summary>
    public int PerMinute { get; init; }

    /// <summary>When none is started; what is decided meanwhile waits. Local time; null for never.</summary>
    public QuietHours? QuietHours { get; init; }

    /// <summary>How long <see cref="WarningService.StopAsync"/> waits for running scripts.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Account the scripts run as, its groups included and no other; null for the daemon's own.</summary>
    public string? User { get; init; }

    /// <summary>Directory of Dovecot's script sockets (its <c>base_dir</c>), for those named without one.</summary>
    public string BaseDirectory { get; init; } = DefaultBaseDirectory;

    /// <inheritdoc cref="WarningPolicy.Choice"/>
    public WarningChoice Choice { get; init; }

    /// <inheritdoc cref="WarningPolicy.Hysteresis"/>
    public int Hysteresis { get; init; }

    /// <inheritdoc cref="WarningPolicy.Remind"/>
    public TimeSpan Remind { get; init; }

    public WarningPolicy Policy => new() { Choice = Choice, Hysteresis = Hysteresis, Remind = Remind };
}
