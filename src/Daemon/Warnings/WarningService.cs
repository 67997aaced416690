using System.Collections.Concurrent;
using System.Threading.Channels;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.State;
using Serilog;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// From accepted usage to running script: evaluates in memory, stores, runs. <see cref="Accept"/> does no I/O.
/// </summary>
/// <remarks>
/// Order, so that kill -9 loses and repeats as little as can be: (1) marks and due warnings are stored in one
/// transaction, (2) the script starts, (3) the warning is taken off the due ones. Killed before 1: the level is still
/// not marked, and the next evaluation warns. Between 1 and 3: it is run at the next start. Only a kill between 2 and 3
/// runs a script twice. When the store fails the script runs all the same, and the write is tried again.
/// </remarks>
internal sealed class WarningService : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private volatile ThresholdEvaluator _evaluator;
    private readonly WarningStore? _store;
    private readonly WarningRunner _runner;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<string, WarningState> _states = new(StringComparer.Ordinal);
    private readonly Channel<Change> _changes = Channel.CreateUnbounded<Change>();
    private readonly DueWarnings _due = new();
    private readonly Task _writer;

    /// <summary>Reads the store, if any, and runs again what was due when the last process ended.</summary>
    /// <param name="store">Null keeps state in memory only; disposed with the service.</param>
    public WarningService(IReadOnlyList<Threshold> thresholds, WarningOptions options, WarningStore? store, ILogger log)
    {
        (_evaluator, _store, _log) = (new ThresholdEvaluator(thresholds), store, log);
        _runner = new WarningRunner(options, log);
        var due = Restore();
        _writer = Task.Run(WriteAsync);
        foreach (var pending in due) Run(pending);
    }

    /// <summary>
    /// Tells the newest usage and limit of a mailbox. Cheap; any thread, but calls for one mailbox must not overlap.
    /// </summary>
    public void Accept(string mailboxPath, string user, Usage usage, QuotaLimit limit)
    {
        var state = _states.GetValueOrDefault(mailboxPath, WarningState.Empty);
        var warnings = _evaluator.Evaluate(usage, limit, state, out var next);
        if (ReferenceEquals(next, state)) return;
        Remember(mailboxPath, next);
        var pending = warnings.Select(w => new PendingWarning(mailboxPath, user, w)).ToArray();
        _changes.Writer.TryWrite(new Change(mailboxPath, next, pending, null));
    }

    /// <summary>Other thresholds from now on; they speak up with each mailbox's next usage.</summary>
    public void SetThresholds(IReadOnlyList<Threshold> thresholds) => _evaluator = new ThresholdEvaluator(thresholds);

    /// <summary>Forgets a mailbox that is gone for good.</summary>
    public void Forget(string mailboxPath)
    {
        if (_states.TryRemove(mailboxPath, out _))
            _changes.Writer.TryWrite(new Change(mailboxPath, WarningState.Empty, [], null));
    }

    /// <summary>
    /// Waits until everything accepted is stored and every due script has ended; then nothing more is run.
    /// </summary>
    public async Task DrainAsync(CancellationToken stop)
    {
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_changes.Writer.TryWrite(new Change(null, null, [], null, stored)))
            await stored.Task.WaitAsync(stop).ConfigureAwait(false);
        await _runner.DrainAsync(stop).ConfigureAwait(false);
    }

    /// <summary>
    /// Stores what was accepted, waits shortly for running scripts; queued ones stay due for the next start.
    /// </summary>
    public async Task StopAsync()
    {
        await _runner.StopAsync().ConfigureAwait(false);
        _changes.Writer.TryComplete();
        await _writer.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _runner.DisposeAsync().ConfigureAwait(false);
        _store?.Dispose();
    }

    private List<PendingWarning> Restore()
    {
        var again = new List<PendingWarning>();
        if (_store is null) return again;
        var dropped = false;
        foreach (var (mailbox, row) in _store.ReadAll())
        {
            Remember(mailbox, row.State);
            var due = row.Pending.Select(line => PendingWarning.FromLine(mailbox, line, _evaluator.Thresholds))
                .OfType<PendingWarning>().ToArray();
            if (due.Length < row.Pending.Count)
            {
                dropped = true;
                _log.Warning("{Mailbox}: a warning was due whose threshold is no longer configured; not run", mailbox);
            }
            _due.Change(mailbox, row.State, due);
            again.AddRange(due);
        }
        if (!dropped) _due.Saved();
        return again;
    }

    private void Remember(string mailbox, WarningState state)
    {
        if (state.IsEmpty) _states.TryRemove(mailbox, out _);
        else _states[mailbox] = state;
    }

    private void Run(PendingWarning pending)
    {
        var (threshold, usage, limit) = (pending.Warning.Threshold, pending.Warning.Usage, pending.Warning.Limit);
        _log.Information("{User}: {Resource:l} {Direction:l} {Percent} % ({Usage:l}) in {Mailbox}", pending.User,
            Threshold.NameOf(threshold.Resource), threshold.Below ? "fell below" : "reached", threshold.Percent,
            threshold.Resource == QuotaResource.Storage
                ? $"{SizeText.Format(usage.Bytes)} of {SizeText.Format(limit.Bytes)}"
                : $"{usage.Messages} of {limit.Messages}",
            pending.Mailbox);
        _runner.Enqueue(pending, () => _changes.Writer.TryWrite(new Change(pending.Mailbox, null, [], pending)));
    }

    /// <summary>
    /// The only user of the store and of the due ones: takes what has gathered, stores it at once, then runs.
    /// </summary>
    private async Task WriteAsync()
    {
        var (batch, failing) = (new List<Change>(), false);
        while (await WaitAsync(failing).ConfigureAwait(false))
        {
            batch.Clear();
            while (batch.Count < 1000 && _changes.Reader.TryRead(out var change)) batch.Add(change);
            foreach (var change in batch.Where(c => c.Mailbox is not null))
            {
                if (change.State is not null) _due.Change(change.Mailbox!, change.State, change.Warnings);
                if (change.Started is not null) _due.Started(change.Started);
            }
            failing = !Save(failing);
            foreach (var pending in batch.SelectMany(c => c.Warnings)) Run(pending);
            foreach (var change in batch) change.Done?.TrySetResult();
        }
        if (failing) Save(failing: false);
    }

    private async Task<bool> WaitAsync(bool failing)
    {
        var more = _changes.Reader.WaitToReadAsync().AsTask();
        if (failing) await Task.WhenAny(more, Task.Delay(RetryAfter)).ConfigureAwait(false);
        return (failing && !more.IsCompleted) || await more.ConfigureAwait(false);
    }

    private bool Save(bool failing)
    {
        if (_store is null) return true;
        try
        {
            _store.Write(_due.Unsaved());
            _due.Saved();
            if (failing) _log.Information("state file {File} can be written again", _store.Path);
            return true;
        }
        catch (StateException e)
        {
            if (!failing) _log.Error("{Error:l}; scripts run all the same, tried again every 5 s", e.Message);
            return false;
        }
    }

    /// <summary>
    /// One message to the writer: a new state with its warnings, a script that has started, or a fence.
    /// </summary>
    private sealed record Change(string? Mailbox, WarningState? State, PendingWarning[] Warnings,
        PendingWarning? Started, TaskCompletionSource? Done = null);
}
