namespace MaildirQuotaWatcher.Warnings;

/// <summary>Whether a script may start now: quiet hours, and how many have started in the last minute. One
/// thread.</summary>
internal sealed class StartGate(WarningOptions options, TimeProvider time)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Queue<long> _starts = new();

    /// <summary>How long nothing may start; zero for now.</summary>
    public TimeSpan Wait()
    {
        var clock = TimeOnly.FromDateTime(time.GetLocalNow().DateTime);
        if (options.QuietHours is { } quiet && quiet.LeftAt(clock) is var left && left > TimeSpan.Zero) return left;
        while (_starts.Count > 0 && time.GetElapsedTime(_starts.Peek()) >= Minute) _starts.Dequeue();
        return options.PerMinute > 0 && _starts.Count >= options.PerMinute
            ? Minute - time.GetElapsedTime(_starts.Peek())
            : TimeSpan.Zero;
    }

    /// <summary>Others from now on.</summary>
    public void SetOptions(WarningOptions changed) => options = changed;

    /// <summary>One starts.</summary>
    public void Count()
    {
        if (options.PerMinute > 0) _starts.Enqueue(time.GetTimestamp());
    }
}
