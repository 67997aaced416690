namespace MaildirQuotaWatcher.Warnings;

/// <summary>How crossings become warnings. Immutable.</summary>
public sealed record WarningPolicy
{
    public WarningChoice Choice { get; init; }

    /// <summary>
    /// Percent points of the limit that usage has to move away from a threshold before that one can warn again, 0 to
    /// 100.
    /// </summary>
    public int Hysteresis { get; init; }

    /// <summary>After how long the highest threshold still reached warns again; zero for never.</summary>
    public TimeSpan Remind { get; init; }
}

/// <summary>Which warning runs when one change of usage crosses several.</summary>
public enum WarningChoice
{
    /// <summary>The highest newly reached, and the lowest newly left.</summary>
    Highest,

    /// <summary>Dovecot: the first in definition order that was crossed, over or below, and no other.</summary>
    First,
}
