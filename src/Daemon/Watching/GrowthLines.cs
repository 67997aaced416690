namespace MaildirQuotaWatcher.Watching;

/// <summary>
/// Which log lines are written of something that befalls ever more: the first, the tenth, the hundredth and so on, and
/// one each ten minutes while it lasts. Safe from any thread.
/// </summary>
internal sealed class GrowthLines
{
    private const long AgainMilliseconds = 600_000;

    private readonly Lock _lock = new();
    private long _againAt = long.MinValue;
    private long _next;

    /// <summary>Whether a line may be written now.</summary>
    /// <param name="milliseconds">Monotonic time.</param>
    /// <param name="count">How many it has befallen and who are not over it; at least 1.</param>
    public bool Allows(long milliseconds, int count)
    {
        lock (_lock)
        {
            if (count > 1 && count < _next && milliseconds < _againAt)
                return false;
            _againAt = milliseconds + AgainMilliseconds;
            for (_next = 10; _next <= count;)
                _next *= 10;
            return true;
        }
    }
}
