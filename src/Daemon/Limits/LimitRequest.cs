namespace MaildirQuotaWatcher.Limits;

/// <summary>What somebody wants of <see cref="LimitService"/>.</summary>
internal sealed record LimitRequest
{
    /// <summary>Null for everybody known.</summary>
    public IReadOnlyCollection<string>? Users { get; init; }

    /// <summary>Only this source has changed.</summary>
    public ILimitSource? Source { get; init; }

    /// <summary>What is to be asked from now on; done before anybody is asked.</summary>
    public LimitSetup? Setup { get; init; }

    /// <summary>Sources that are down are tried at once.</summary>
    public bool TryNow { get; init; }

    /// <summary>Answers of the last run for anybody else are of no use any more.</summary>
    public bool IsStart { get; init; }

    /// <summary>Completed when the round is over, however it went.</summary>
    public TaskCompletionSource? Done { get; init; }
}
