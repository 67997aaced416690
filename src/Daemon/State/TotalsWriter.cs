using Microsoft.Data.Sqlite;
using Serilog;

namespace MaildirQuotaWatcher.State;

/// <summary>
/// The thread that writes <see cref="TotalsStore"/>: gathers what comes within a second, or 5000 rows, into one
/// transaction. With nothing to write it sleeps without a timer. Any thread may call it.
/// </summary>
internal sealed class TotalsWriter : IDisposable
{
    /// <summary>Rows of one transaction, and so many do not wait for the second to pass.</summary>
    private const int BatchRows = 5000;

    /// <summary>Bytes of rows that may wait; 60,000 mailboxes of usual size.</summary>
    private const long MostWaiting = 32L << 20;

    private const int GatherMilliseconds = 1000;
    private const int RetryMilliseconds = 30_000;

    private readonly Func<SqliteConnection> _connect;
    private readonly Func<SqliteException, StateException> _explain;
    private readonly ILogger _log;
    private readonly Func<long> _today;
    private readonly Action _stored;
    private readonly Thread _thread;

    private readonly object _gate = new();
    private Dictionary<(ulong Device, ulong Inode), byte[]?> _waiting = [];
    private Dictionary<(ulong Device, ulong Inode), byte[]?> _inHand = [];
    private long _bytes;
    private long? _sweepBefore;
    private long _flushesAsked;
    private long _flushesDone;
    private SqliteConnection? _connection;
    private bool _failing;
    private bool _stopping;

    /// <param name="connection">Owned from now on; null when it could not be opened, which has been said.</param>
    /// <param name="connect">Tries again; throws <see cref="StateException"/>.</param>
    /// <param name="explain">Makes the sentence for an error.</param>
    /// <param name="log">Told of failures, once each time they begin, and of their end.</param>
    /// <param name="today">The date that rows get, days since 1970.</param>
    /// <param name="stored">Called when rows have been stored, before they are forgotten here.</param>
    public TotalsWriter(
        SqliteConnection? connection, Func<SqliteConnection> connect, Func<SqliteException, StateException> explain,
        ILogger log, Func<long> today, Action stored)
    {
        (_connection, _connect, _failing) = (connection, connect, connection is null);
        (_explain, _log, _today, _stored) = (explain, log, today, stored);
        _thread = new Thread(Run) { IsBackground = true, Name = "totals" };
        _thread.Start();
    }

    private bool HasWork => _waiting.Count > 0 || _sweepBefore is not null || _flushesAsked > _flushesDone;

    /// <summary>Finds what is not stored yet; null for a mailbox that is to be removed.</summary>
    public bool TryFind((ulong Device, ulong Inode) mailbox, out byte[]? saved)
    {
        lock (_gate)
            return _waiting.TryGetValue(mailbox, out saved) || _inHand.TryGetValue(mailbox, out saved);
    }

    /// <returns>False when too much is waiting already.</returns>
    public bool Put((ulong Device, ulong Inode) mailbox, byte[] saved)
    {
        lock (_gate)
        {
            if (_bytes + saved.Length > MostWaiting && _bytes > 0)
                return false;
            Set(mailbox, saved);
            return true;
        }
    }

    /// <summary>Gives a row that is stored a new date, unless it is about to be written anyway.</summary>
    public void Refresh((ulong Device, ulong Inode) mailbox, byte[] saved)
    {
        lock (_gate)
            if (_bytes + saved.Length <= MostWaiting && !_waiting.ContainsKey(mailbox) && !_inHand.ContainsKey(mailbox))
                Set(mailbox, saved);
    }

    public void Remove((ulong Device, ulong Inode) mailbox)
    {
        lock (_gate)
            Set(mailbox, null);
    }

    /// <summary>Removes rows with an older date, days since 1970, once all that waits is written.</summary>
    public void Sweep(long before)
    {
        lock (_gate)
        {
            _sweepBefore = before;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until all that waits now is written, or has failed to be.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            var mine = ++_flushesAsked;
            Monitor.PulseAll(_gate);
            while (_flushesDone < mine && !_stopping)
                Monitor.Wait(_gate);
        }
    }

    /// <summary>Tries once more to write all that waits, and closes.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
        _connection?.Dispose();
    }

    private void Set((ulong Device, ulong Inode) mailbox, byte[]? saved)
    {
        _bytes += (saved?.Length ?? 0) - (_waiting.GetValueOrDefault(mailbox)?.Length ?? 0);
        _waiting[mailbox] = saved;
        if (_waiting.Count is 1 or BatchRows)
            Monitor.PulseAll(_gate);
    }

    private void Run()
    {
        bool more;
        do
        {
            more = Take(out var flushes, out var sweepBefore);
            StateException? failure = null;
            try
            {
                Write(sweepBefore);
            }
            catch (SqliteException e)
            {
                failure = _explain(e);
            }
            catch (StateException e)
            {
                failure = e;
            }

            Done(flushes, sweepBefore, failure);
        }
        while (more);
    }

    /// <summary>Waits until there is enough to write and takes it in hand; false when that is the last.</summary>
    private bool Take(out long flushes, out long? sweepBefore)
    {
        lock (_gate)
        {
            while (!HasWork && !_stopping)
                Monitor.Wait(_gate);
            var until = Environment.TickCount64 + (_failing ? RetryMilliseconds : GatherMilliseconds);
            while (!_stopping && _flushesAsked == _flushesDone && (_failing || _waiting.Count < BatchRows)
                && until - Environment.TickCount64 is > 0 and var left)
                Monitor.Wait(_gate, (int)left);

            (_inHand, _waiting) = (_waiting, []);
            (flushes, sweepBefore) = (_flushesAsked, _sweepBefore);
            return !_stopping;
        }
    }

    private void Write(long? sweepBefore)
    {
        if (_inHand.Count == 0 && sweepBefore is null)
            return;
        _connection ??= _connect();
        using var rows = new TotalsRows(_connection, _today());
        foreach (var batch in _inHand.Chunk(BatchRows))
            rows.Write(batch);
        if (sweepBefore is { } day)
            rows.Sweep(day);
        _stored();
    }

    private void Done(long flushes, long? sweepBefore, StateException? failure)
    {
        var tried = _inHand.Count > 0 || sweepBefore is not null;
        if (failure is not null && !_failing)
            _log.Warning("{Error:l}; watching goes on, tried again every 30 s: what is missing at the next start is "
                + "counted then", failure.Message);
        else if (failure is null && _failing && tried)
            _log.Information("state file {File} can be written again", _connection!.DataSource);
        _failing = tried ? failure is not null : _failing;

        lock (_gate)
        {
            foreach (var (mailbox, saved) in _inHand)
                if (failure is null || !_waiting.TryAdd(mailbox, saved))
                    _bytes -= saved?.Length ?? 0;
            _inHand = [];
            if (failure is null && _sweepBefore == sweepBefore)
                _sweepBefore = null;
            _flushesDone = flushes;
            Monitor.PulseAll(_gate);
        }
    }
}
