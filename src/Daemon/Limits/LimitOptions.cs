namespace MaildirQuotaWatcher.Limits;

/// <summary>How <see cref="LimitService"/> keeps what it knows fresh.</summary>
internal sealed record LimitOptions
{
    /// <summary>The age at which a limit is asked for again, without being told of a change.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromHours(1);

    /// <summary>After the first failure of a source; doubled with each further one.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A source that takes longer for one user counts as down; most have a shorter one of their own.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same when everybody is asked for at once.</summary>
    public TimeSpan EverybodyWithin { get; init; } = TimeSpan.FromMinutes(2);
}
