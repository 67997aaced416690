using MaildirQuotaWatcher.Linux;
using Serilog;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// How hard the workers of a pool may scan of their own accord, all together. What an administrator asks for is not
/// held back. Safe from any thread.
/// </summary>
/// <param name="background">Read in the idle I/O class.</param>
/// <param name="perSecond">Directory entries a second; 0 for as many as come.</param>
internal sealed class ScanPace(bool background, long perSecond)
{
    /// <summary>Opening a directory, or coming to its end, costs about what so many entries do.</summary>
    public const int LeastCost = 10;

    private readonly Lock _lock = new();
    private long _perSecond = perSecond;
    private long _paidUntil;
    private int _noIdle;

    /// <summary>True when others want the disk more than these scans do.</summary>
    public bool IsBackground => background;

    /// <summary>Puts the calling thread into the idle I/O class, if that is wanted.</summary>
    /// <returns>The class to go back to; null when nothing was changed.</returns>
    public IoClass? EnterIdle()
    {
        if (!background || Volatile.Read(ref _noIdle) != 0)
            return null;
        var usual = IoClass.OfThisThread;
        var errno = IoClass.Idle.Enter();
        if (errno.IsOk)
            return usual;
        if (Interlocked.Exchange(ref _noIdle, 1) == 0)
            Log.Warning("{Problem}: scans compete with the mail for the disk; [scanning] rate can hold them back",
                new SystemCallError("ioprio_set", "", errno));
        return null;
    }

    /// <summary>Directory entries a second; 0 for as many as come. Forgets what was spent.</summary>
    public long PerSecond
    {
        get
        {
            lock (_lock)
                return _perSecond;
        }

        set
        {
            lock (_lock)
                (_perSecond, _paidUntil) = (value, 0);
        }
    }

    /// <summary>When the next batch may be read, monotonic milliseconds.</summary>
    public long DueAt
    {
        get
        {
            lock (_lock)
                return (_paidUntil + 999) / 1000;
        }
    }

    /// <summary>Enters what was read; a time without scans earns nothing.</summary>
    /// <param name="entries">Directory entries.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Spend(long entries, long now)
    {
        lock (_lock)
            if (_perSecond > 0)
                _paidUntil = Math.Max(_paidUntil, now * 1000) + entries * 1_000_000 / _perSecond;
    }
}
