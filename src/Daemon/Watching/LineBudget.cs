namespace MaildirQuotaWatcher.Watching;

/// <summary>
/// Bounds how many log lines of one kind a mailbox owner can cause: so many a second, the others are counted. Safe from
/// any thread.
/// </summary>
internal sealed class LineBudget(int perSecond)
{
    private readonly Lock _lock = new();
    private long _second;
    private int _lines;
    private int _leftOut;

    /// <summary>Whether a line may be written now.</summary>
    /// <param name="milliseconds">Monotonic time.</param>
    /// <param name="leftOut">Lines left out since the last one that was written.</param>
    public bool Allows(long milliseconds, out int leftOut)
    {
        lock (_lock)
        {
            if (_second != milliseconds / 1000)
                (_second, _lines) = (milliseconds / 1000, 0);
            leftOut = _leftOut;
            var allowed = _lines++ < perSecond;
            _leftOut = allowed ? 0 : _leftOut + 1;
            return allowed;
        }
    }
}
