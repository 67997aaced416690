using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Storage;

/// <summary>
/// Threads that help whoever looks at many messages, one a further core: they begin with the first batch, sleep between
/// batches, and end when disposed. Any number of callers; the crew helps one at a time, for while several are at it the
/// cores are busy anyway.
/// </summary>
/// <param name="helpers">Threads besides the caller; negative takes one a further core.</param>
internal sealed class StatCrew(int helpers = -1) : IDisposable
{
    /// <summary>More would queue for the locks of one directory.</summary>
    private const int MostHelpers = 7;

    private readonly object _gate = new();
    private readonly List<Thread> _threads = [];
    private StatBatch? _batch;
    private IoClass _class;
    private long _number;
    private bool _closed;
    private bool _ended;
    private int _working;

    /// <summary>Helpers there are now.</summary>
    public int Hired
    {
        get
        {
            lock (_gate)
                return _threads.Count;
        }
    }

    /// <summary>
    /// Begins to help with a batch, in the caller's I/O class. The caller then takes his share, and calls
    /// <see cref="End"/>.
    /// </summary>
    /// <param name="batch">Filled, and nobody else's meanwhile.</param>
    /// <returns>False when nobody is free: the caller has to do it all himself.</returns>
    public bool Begin(StatBatch batch)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            if (_batch is not null || !Hire())
                return false;
            (_batch, _class) = (batch, IoClass.OfThisThread);
            _number++;
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>To be called when nothing of the batch is left to take; waits for what others took.</summary>
    public void End()
    {
        lock (_gate)
        {
            _closed = true;
            while (_working > 0)
                Monitor.Wait(_gate);
            (_batch, _closed) = (null, false);
        }
    }

    public void Dispose()
    {
        Thread[] threads;
        lock (_gate)
        {
            _ended = true;
            threads = [.. _threads];
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in threads)
            thread.Join();
    }

    /// <returns>False when there is nobody to hire.</returns>
    private bool Hire()
    {
        var wanted = Math.Min(helpers < 0 ? Environment.ProcessorCount - 1 : helpers, MostHelpers);
        while (_threads.Count < wanted)
        {
            var thread = new Thread(Help) { Name = $"stat {_threads.Count}", IsBackground = true };
            _threads.Add(thread);
            thread.Start();
        }

        return wanted > 0;
    }

    private void Help()
    {
        var (seen, mine) = (0L, IoClass.OfThisThread);
        while (true)
        {
            StatBatch batch;
            IoClass wanted;
            lock (_gate)
            {
                while (!_ended && (_batch is null || _closed || _number == seen))
                    Monitor.Wait(_gate);
                if (_ended)
                    return;
                (batch, wanted, seen) = (_batch!, _class, _number);
                _working++;
            }

            if (wanted != mine)
                wanted.Enter();
            mine = wanted;
            batch.TakeShares();
            lock (_gate)
                if (--_working == 0 && _closed)
                    Monitor.PulseAll(_gate);
        }
    }
}
