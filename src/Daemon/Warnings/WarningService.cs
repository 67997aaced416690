using System.Collections.Concurrent;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.State;
using Serilog;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// From accepted usage to running script: evaluates in memory, hands what is due to the <see cref="WarningQueue"/>,
/// whose notes say what kill -9 can repeat. <see cref="Accept"/> does no I/O.
/// </summary>
/// <remarks>
/// A subject is remembered while any of its thresholds is not as in the beginning, and forgotten at a start when it has
/// not been seen for 90 days: a mailbox that is only renamed and comes back has not lost its memory. While the process
/// runs, everything it has been told of counts as seen.
/// </remarks>
internal sealed class WarningService : IAsyncDisposable
{
    private const long SecondsPerDay = 24 * 3600;
    private const long DaysToKeep = 90;

    private readonly WarningStore _store;
    private readonly ScriptRunner _runner;
    private readonly WarningQueue _queue;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, SubjectMemory> _memories = new(StringComparer.Ordinal);
    private readonly Lock[] _locks = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private readonly ITimer _round;
    private volatile WarningRules _rules;
    private volatile WarningPolicy _policy;
    private bool _stopped;

    /// <summary>Reads the store, and goes on with what was due when the last process ended.</summary>
    /// <param name="store">Null keeps everything in memory only; disposed with the service.</param>
    /// <exception cref="StateException">The store cannot be read.</exception>
    public WarningService(
        WarningRules rules, WarningOptions options, WarningStore? store, ILogger log, TimeProvider? time = null)
    {
        (_rules, _policy, _time) = (rules, options.Policy, time ?? TimeProvider.System);
        _store = store ?? WarningStore.InMemory();
        var old = ReadStates();
        _runner = new ScriptRunner(options, log, _time, "; the warning waits and is tried again, in the end every 15 "
            + "minutes");
        _queue = new WarningQueue(_store, options, _runner, _time, log, this);
        foreach (var key in old) _queue.Forget(key);
        if (old.Count > 0)
            log.Information("{Count} mailboxes not seen for {Days} days are forgotten by the warnings", old.Count,
                DaysToKeep);
        _round = _time.CreateTimer(_ => GoRound(), null, RoundOf(_policy), RoundOf(_policy));
    }

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Tells the newest usage and limit of a subject. Cheap; any thread.</summary>
    /// <param name="largest">
    /// The largest folders, for the script; called before this returns, and only when something is due. A reminder has
    /// the list of the last crossing. Null when not known.
    /// </param>
    /// <param name="rules">Its user's own; null for those configured for its root.</param>
    /// <param name="own">
    /// How much of <paramref name="usage"/> is messages of our own scripts; called before this returns, and only when
    /// usage has come to a threshold. Null for nothing.
    /// </param>
    public void Accept(
        WarningSubject subject, Usage usage, QuotaLimit limit,
        Func<IReadOnlyList<(string Folder, Usage Usage)>>? largest = null, IReadOnlyList<WarningRule>? rules = null,
        Func<Usage>? own = null)
    {
        // Outside the lock, which others share: it may read a disk.
        var rises = own is not null && EvaluatorOf(subject, rules).Rises(usage, limit, StateOf(subject.Key));
        var ours = rises ? own!() : Usage.Zero;
        lock (LockOf(subject.Key))
        {
            if (!_memories.TryGetValue(subject.Key, out var memory))
                memory = new SubjectMemory(WarningState.Empty, 0);
            Evaluate(memory, new SubjectMemory.Report(subject, usage, ours, limit, rules), largest);
        }
    }

    /// <summary>The rules in force.</summary>
    internal WarningRules Rules => _rules;

    /// <summary>Other rules from now on; they speak up with each subject's next usage.</summary>
    public void SetRules(WarningRules rules) => _rules = rules;

    /// <summary>Other options from now on; reminders begin with each subject's next usage.</summary>
    public void SetOptions(WarningOptions options)
    {
        _policy = options.Policy;
        _runner.SetOptions(options);
        _queue.SetOptions(options);
        _round.Change(RoundOf(_policy), RoundOf(_policy));
    }

    /// <summary>
    /// A subject is not there now, but may come back: nothing is forgotten, only no reminder is due until the next
    /// <see cref="Accept"/>.
    /// </summary>
    public void SetAbsent(string key)
    {
        lock (LockOf(key))
            if (_memories.TryGetValue(key, out var memory))
                (memory.Newest, memory.Reminder) = (null, null);
    }

    /// <summary>What is remembered of a subject; see <see cref="WarningEvaluator.Explain"/>.</summary>
    public WarningState StateOf(string key) =>
        _memories.TryGetValue(key, out var memory) ? memory.State : WarningState.Empty;

    /// <inheritdoc cref="WarningQueue.DrainAsync"/>
    public Task DrainAsync(CancellationToken stop) => _queue.DrainAsync(stop);

    /// <inheritdoc cref="WarningQueue.StopAsync"/>
    public async Task StopAsync()
    {
        if (_stopped) return;
        _stopped = true;
        await _round.DisposeAsync().ConfigureAwait(false);
        await _queue.StopAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _runner.Dispose();
        _store.Dispose();
    }

    /// <summary>Takes what is stored into memory.</summary>
    /// <returns>The keys not seen for too long.</returns>
    private HashSet<string> ReadStates()
    {
        var (old, oldest) = (new HashSet<string>(StringComparer.Ordinal), Now - (DaysToKeep * SecondsPerDay));
        foreach (var (key, row) in _store.ReadStates())
            if (row.Seen < oldest) old.Add(key);
            else _memories[key] = new SubjectMemory(row.State, row.Seen);
        foreach (var (key, due) in _store.CountDue().Where(row => !old.Contains(row.Key)))
            _memories.GetOrAdd(key, _ => new SubjectMemory(WarningState.Empty, 0)).Waiting = due;
        return old;
    }

    /// <summary>What was told of a subject last; null when nothing is known, or it is absent.</summary>
    internal (Usage Usage, QuotaLimit Limit)? NewestOf(string key)
    {
        lock (LockOf(key))
            return _memories.TryGetValue(key, out var memory) && memory.Newest is { } usage
                ? (usage, memory.Limit)
                : null;
    }

    /// <summary>A warning of a subject no longer waits: it has started, or never will.</summary>
    internal void Leave(string key)
    {
        lock (LockOf(key))
            if (_memories.TryGetValue(key, out var memory) && --memory.Waiting <= 0 && memory.IsIdle)
                _memories.TryRemove(key, out _);
    }

    /// <summary>How often <see cref="GoRound"/> comes.</summary>
    private static TimeSpan RoundOf(WarningPolicy policy) => policy.Remind > TimeSpan.Zero
        ? TimeSpan.FromSeconds(Math.Clamp(policy.Remind.TotalSeconds / 10, 1, 60))
        : TimeSpan.FromMinutes(10);

    private Lock LockOf(string key) => _locks[(uint)key.GetHashCode(StringComparison.Ordinal) % _locks.Length];

    private WarningEvaluator EvaluatorOf(WarningSubject subject, IReadOnlyList<WarningRule>? rules) =>
        new(rules ?? _rules.Of(subject.Root), _policy);

    private void Evaluate(SubjectMemory memory, SubjectMemory.Report report,
        Func<IReadOnlyList<(string Folder, Usage Usage)>>? largest)
    {
        var (subject, now) = (report.Subject, Now);
        var before = memory.Stored;
        var warnings = EvaluatorOf(subject, report.Rules).Evaluate(
            report.Usage, report.Limit, memory.State, now, out var next, report.Own);
        memory.State = next;
        (memory.Newest, memory.Limit) = (report.Usage, report.Limit);
        memory.Waiting += warnings.Count(w => w.Rule.Command.Length > 0);
        memory.Reminder = _policy.Remind > TimeSpan.Zero ? report : null;
        if (now - memory.Seen >= SecondsPerDay) memory.Seen = now;

        if (memory.IsIdle) _memories.TryRemove(subject.Key, out _);
        else _memories[subject.Key] = memory;
        if (memory.Stored == before || (memory.Stored.IsEmpty && before.IsEmpty)) return;
        var folders = largest is null || warnings.All(w => w.Rule.Command.Length == 0)
            ? memory.Largest
            : DueWarning.LargestOf(largest());
        if (_policy.Remind > TimeSpan.Zero) memory.Largest = folders;
        _queue.Put(subject.Key, memory.Stored,
        [
            .. warnings.Select(w => new DueWarning(0, subject, w)
            {
                Largest = folders,
                HasOwnRule = report.Rules is not null,
            }),
        ]);
    }

    /// <summary>What comes with time alone: reminders, being still there, forgetting what is as in the
    /// beginning.</summary>
    private void GoRound()
    {
        foreach (var (key, memory) in _memories)
            lock (LockOf(key))
                if (memory.Newest is not null && _memories.ContainsKey(key))
                    Revisit(key, memory);
    }

    private void Revisit(string key, SubjectMemory memory)
    {
        if (memory.Reminder is not null) Evaluate(memory, memory.Reminder, null);
        if (memory.IsIdle) _memories.TryRemove(key, out _);
        if (Now - memory.Seen < SecondsPerDay || memory.Stored.IsEmpty) return;
        memory.Seen = Now;
        _queue.Put(key, memory.Stored, []);
    }
}
