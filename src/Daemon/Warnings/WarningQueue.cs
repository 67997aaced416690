using System.Threading.Channels;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.State;
using Serilog;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// The warnings that are due: stored, started in their order a few at once, kept until they have started. Nothing here
/// makes a caller wait. A loop of its own does it all, except that what has started is removed where it was started.
/// </summary>
/// <remarks>
/// <para>Order, so that kill -9 loses and repeats as little as can be: (1) marks and due warnings are stored in one
/// transaction, (2) the script starts, (3) the row is removed. Killed before 1: the level is not marked either, and
/// the next evaluation warns. Between 1 and 2: it is run at the next start. Only a kill between 2 and 3, about a
/// millisecond on an idle machine, runs a script a second time, with the same id: at least once, and at most once more
/// for each kill, for those <see cref="WarningOptions.Concurrent"/> that were just being started. Exactly once cannot
/// be had: starting a process and writing a file are two deeds.</para>
/// <para>The queue is the file; only a chunk of it is in memory. While the file cannot be written, what is due runs all
/// the same and what is to be stored is kept in memory, tried again every five seconds.</para>
/// <para>Where some have waited, see <see cref="WarningPairs"/> for those that are not told any more.</para>
/// </remarks>
internal sealed class WarningQueue
{
    private const int Chunk = 64;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestNap = TimeSpan.FromMinutes(1);

    /// <summary>Pauses before the next try of what could not be started; the last one again and again.</summary>
    private static readonly TimeSpan[] Pauses =
        [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(15)];

    private readonly WarningStore _store;
    private readonly ScriptRunner _runner;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly WarningService _service;
    private readonly StartGate _gate;
    private readonly ITimer _alarm;
    private readonly Channel<Action> _inbox = Channel.CreateUnbounded<Action>();
    private readonly Task _loop;

    // of the loop alone
    private readonly WarningBatch _unsaved = new();
    private readonly Queue<StoredDue> _ready = new();
    private readonly HashSet<long> _inFlight = [];
    private readonly List<TaskCompletionSource> _drains = [];
    private WarningOptions _options;
    private long _lastId;
    private long _closedAt;
    private bool _stopping;
    private long? _failedAt;

    /// <param name="service">Asked and told of subjects, on any thread; it may still be in its constructor.</param>
    public WarningQueue(WarningStore store, WarningOptions options, ScriptRunner runner, TimeProvider time, ILogger log,
        WarningService service)
    {
        (_store, _options, _runner, _time, _log) = (store, options, runner, time, log);
        (_service, _gate) = (service, new StartGate(options, time));
        // What is left by the last process has waited, too.
        _lastId = _closedAt = store.LastId();
        _alarm = time.CreateTimer(_ => Post(() => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _loop = Task.Run(LoopAsync);
        Post(() => { });
    }

    /// <summary>Stores what is remembered of a subject, with the warnings that became due with it.</summary>
    /// <param name="warnings">Their ids are given here; those without a command are only logged.</param>
    public void Put(string key, StoredState state, IReadOnlyList<DueWarning> warnings) => Post(() =>
    {
        _unsaved.Set(key, state);
        foreach (var due in warnings)
        {
            // In quiet hours, say: nobody wants those of a whole night at its end.
            if (due.Warning.IsReminder && Waits(key))
            {
                if (due.Warning.Rule.Command.Length > 0) _service.Leave(key);
                continue;
            }
            Say(due);
            if (due.Warning.Rule.Command.Length == 0) continue;
            _lastId = Math.Max(_lastId + 1, _time.GetUtcNow().ToUnixTimeMilliseconds() * 1000);
            _unsaved.Add(due with { Id = _lastId });
        }
    });

    /// <summary>Other options from now on.</summary>
    public void SetOptions(WarningOptions options) => Post(() =>
    {
        _options = options;
        _gate.SetOptions(options);
    });

    /// <summary>Whether a warning of a subject is due already.</summary>
    private bool Waits(string key)
    {
        var stored = false;
        if (_failedAt is null) Guard(() => stored = _store.HasDue(key));
        return stored || _unsaved.Added.Any(due => due.Subject.Key == key);
    }

    /// <summary>Removes everything about a subject, its due warnings too.</summary>
    public void Forget(string key) => Post(() =>
    {
        _unsaved.Forget(key);
        RemoveReady(due => due.Key == key);
    });

    /// <summary>
    /// Waits until everything put so far is stored, and every script that may start now has started and ended.
    /// </summary>
    public async Task DrainAsync(CancellationToken stop)
    {
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Post(() => _drains.Add(drained))) return;
        await (await Task.WhenAny(drained.Task, _loop).WaitAsync(stop).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>
    /// Stores what was put, waits shortly for running scripts; queued ones stay due for the next start.
    /// </summary>
    public async Task StopAsync()
    {
        Post(() => _stopping = true);
        _runner.KillAfterGrace();
        await DrainAsync(CancellationToken.None).ConfigureAwait(false);
        _inbox.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await _alarm.DisposeAsync().ConfigureAwait(false);
    }

    private bool Post(Action act) => _inbox.Writer.TryWrite(act);

    private async Task LoopAsync()
    {
        while (await _inbox.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            for (var i = 0; i < 1000 && _inbox.Reader.TryRead(out var act); i++) act();
            Guard(Save);
            var wait = LongestNap;
            var idle = _stopping || Guard(() => Feed(out wait));
            Guard(Save);
            if (_failedAt is not null && wait > RetryAfter) wait = RetryAfter;
            _alarm.Change(wait, Timeout.InfiniteTimeSpan);
            if (!idle || _inFlight.Count > 0) continue;
            foreach (var drained in _drains) drained.TrySetResult();
            _drains.Clear();
        }
        _failedAt = null;
        Guard(Save);
    }

    private bool Save()
    {
        if (_failedAt is { } failed && _time.GetElapsedTime(failed) < RetryAfter) return true;
        if (!_unsaved.IsEmpty) _store.Write(_unsaved);
        _unsaved.Clear();
        if (_failedAt is not null) _log.Information("state file {File} can be written again", _store.Path);
        _failedAt = null;
        return true;
    }

    /// <summary>True when it could be done; else the log says why, once.</summary>
    private bool Guard(Func<bool> access)
    {
        try
        {
            return access();
        }
        catch (StateException e)
        {
            if (_failedAt is null)
                _log.Error("{Error:l}; scripts run all the same, tried again every 5 s", e.Message);
            _failedAt = _time.GetTimestamp();
            return true;
        }
    }

    /// <summary>Starts what may start; true when there is no more that may.</summary>
    /// <param name="wait">When to look again at the latest.</param>
    private bool Feed(out TimeSpan wait)
    {
        wait = LongestNap;
        while (_inFlight.Count < Math.Max(1, _options.Concurrent))
        {
            if (_ready.Count == 0 && !Load())
            {
                wait = UntilNext();
                return true;
            }
            if (_gate.Wait() is var closed && closed > TimeSpan.Zero)
            {
                if (closed < wait) wait = closed;
                _closedAt = _lastId;
                return false;
            }
            var next = _ready.Peek();
            var waited = next.Tries > 0 || next.Id <= _closedAt;
            if (!waited || !DropPairs(next.Key).Contains(next.Id)) Start(_ready.Dequeue());
        }
        return false;
    }

    private bool Load()
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var most = Chunk + _inFlight.Count + _unsaved.Removed.Count + _unsaved.Later.Count;
        foreach (var due in NotStarted(_store.ReadDue(now, most)).Where(due => MayStart(due.Id)).Take(Chunk))
            _ready.Enqueue(due);
        return _ready.Count > 0;

        bool MayStart(long id) => !_unsaved.Later.TryGetValue(id, out var later) || later.NotBefore <= now;
    }

    /// <summary>Those that are still due, with what is not in the file yet: nothing, except while it cannot be
    /// written.</summary>
    private IEnumerable<StoredDue> NotStarted(IReadOnlyList<StoredDue> stored) => stored
        .Where(due => !_unsaved.Removed.Contains(due.Id))
        .Concat(_unsaved.Added.Select(due => new StoredDue(
            due.Id, due.Subject.Key, due.ToLine(), _unsaved.Later.GetValueOrDefault(due.Id).Tries)))
        .Where(due => !_inFlight.Contains(due.Id));

    /// <summary>The wait of a subject is over: drops what need not be told any more.</summary>
    /// <returns>The ids of those.</returns>
    private HashSet<long> DropPairs(string key)
    {
        var waiting = NotStarted(_store.ReadDueOf(key)).Where(due => due.Key == key).OrderBy(due => due.Id)
            .Select(due => DueWarning.FromLine(due, _service.Rules)).OfType<DueWarning>();
        var dropped = WarningPairs.In(waiting, _service.StateOf(key));
        if (dropped.Count == 0) return dropped;
        _log.Information("{Mailbox}: {Count} warnings that had to wait cancel each other; not run", key, dropped.Count);
        foreach (var id in dropped) Drop(id, key);
        RemoveReady(due => dropped.Contains(due.Id));
        return dropped;
    }

    private void RemoveReady(Predicate<StoredDue> unwanted)
    {
        var others = _ready.Where(due => !unwanted(due)).ToArray();
        _ready.Clear();
        foreach (var due in others) _ready.Enqueue(due);
    }

    private TimeSpan UntilNext()
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        if (_store.NextTime(now) is not { } next) return LongestNap;
        var wait = TimeSpan.FromMilliseconds(next - now);
        return wait < LongestNap ? wait : LongestNap;
    }

    private void Start(StoredDue stored)
    {
        var due = DueWarning.FromLine(stored, _service.Rules);
        if (due is null || due.Warning.Rule.Command.Length == 0)
        {
            _log.Warning("{Mailbox}: a warning was due whose threshold is no longer configured; not run", stored.Key);
            Drop(stored.Id, stored.Key);
            return;
        }
        if (ScriptCall.Of(due, _service.NewestOf(due.Subject.Key), out var error) is not { } call)
        {
            _log.Error("{Mailbox}: the command of {Threshold} cannot be read: {Error:l}; not run", stored.Key,
                due.Warning.Rule.Key, error);
            Drop(stored.Id, stored.Key);
            return;
        }
        _inFlight.Add(due.Id);
        _gate.Count();
        _ = Task.Run(() => RunAsync(due, call));
    }

    private async Task RunAsync(DueWarning due, ScriptCall call)
    {
        var ran = false;
        try
        {
            await _runner.RunAsync(call, () =>
            {
                ran = true;
                // at once, and on this thread: each hop would be time for a kill
                if (!RemoveNow(due.Id)) Post(() => _unsaved.Remove(due.Id));
                _service.Leave(due.Subject.Key);
            }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _log.Error(e, "warning {Threshold} of {User} failed", due.Warning.Rule.Key, due.Subject.User);
        }
        Post(() => End(due, ran));
    }

    private void Drop(long id, string key)
    {
        _unsaved.Remove(id);
        _service.Leave(key);
    }

    private bool RemoveNow(long id)
    {
        try
        {
            return _store.Remove(id);
        }
        catch (StateException)
        {
            // the loop says why, when it fails too
            return false;
        }
    }

    private void End(DueWarning due, bool ran)
    {
        _inFlight.Remove(due.Id);
        if (ran) return;
        var pause = Pauses[Math.Min(due.Tries, Pauses.Length - 1)];
        // There may be thousands; why they wait is said once for their target.
        _log.Debug("warning {Threshold} of {User} waits: it could not be started {Times} times, and is tried again in "
            + "{Pause}", due.Warning.Rule.Key, due.Subject.User, due.Tries + 1, pause);
        _unsaved.Postpone(due.Id, due.Tries + 1, (_time.GetUtcNow() + pause).ToUnixTimeMilliseconds());
    }

    private void Say(DueWarning due)
    {
        var (part, usage, limit) = (due.Warning.Part, due.Warning.Usage, due.Warning.Limit);
        var storage = part.Resource == QuotaResource.Storage;
        var level = part.IsPercent ? $"{part.Amount} %" : storage ? SizeText.Format(part.Amount) : $"{part.Amount}";
        var allowed = part.Of(limit) == 0 ? "unlimited" : storage ? SizeText.Format(limit.Bytes) : $"{limit.Messages}";
        _log.Information("{User}: {Resource:l} {Direction:l} {Level:l} ({Usage:l} of {Allowed:l}) in {Mailbox}",
            due.Subject.User, WarningPart.WordOf(part.Resource),
            due.Warning.Rule.Below ? "fell below" : due.Warning.IsReminder ? "still is above" : "reached", level,
            storage ? SizeText.Format(usage.Bytes) : $"{usage.Messages}", allowed, due.Subject.Place);
    }
}
