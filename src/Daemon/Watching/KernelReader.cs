using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Watching;

/// <summary>
/// The one thread that reads the kernel's queue. It does nothing but read and hand over: the queue holds a third of a
/// second of a busy store.
/// </summary>
internal sealed class KernelReader
{
    /// <summary>Small enough to stay, with the copies that are made of it, in the processor's own memory.</summary>
    internal const int BufferLength = 64 * 1024;

    private readonly IWatchSource _source;
    private readonly WatchTable _table;
    private readonly Action<SystemCallError> _failed;
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <param name="source">The queue to read.</param>
    /// <param name="table">Where its records go.</param>
    /// <param name="failed">Told once if the queue can no longer be read; the thread then ends.</param>
    public KernelReader(IWatchSource source, WatchTable table, Action<SystemCallError> failed)
    {
        _source = source;
        _table = table;
        _failed = failed;
        _thread = new Thread(Run) { Name = source.Name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Ends the thread.</summary>
    /// <returns>False when it hangs: somebody has the table's lock who waits for a file server.</returns>
    public bool TryEnd()
    {
        _stopping = true;
        _source.Wake();
        return _thread.Join(SignOfLife.Patience);
    }

    private void Run()
    {
        var buffer = GC.AllocateUninitializedArray<byte>(BufferLength, pinned: true);
        while (!_stopping)
        {
            var length = _table.Pump(buffer, out var errno);
            if (length > 0)
                continue;
            if (errno == Errno.EAGAIN || length == 0)
            {
                _source.Wait(-1);
            }
            else
            {
                _failed(new SystemCallError("read", _source.Name, errno));
                return;
            }
        }
    }
}
