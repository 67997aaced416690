using System.Collections.Concurrent;
using System.Threading.Channels;
using Serilog;
using Serilog.Events;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Dovecot's over-quota flag (<c>quota_over_flag</c>): where the flag of a user's source and the truth differ, runs
/// <c>quota_over_script</c> until they agree. <see cref="Check"/> does no I/O; any thread.
/// </summary>
/// <remarks>
/// Dovecot runs the script at every login while the flag is wrong; here it runs at once when that newly arises, then
/// once per interval, of its own accord, as long as it lasts. After each run the user's source is asked to be read
/// again, whose answer comes back as the next check: so the flag heals itself without a login. A user is in memory only
/// while the flag is wrong, and waits at most once.
/// </remarks>
internal sealed class OverFlagService : IAsyncDisposable
{
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(10);

    private readonly CommandTarget _target;
    private readonly string[] _command;
    private readonly ScriptRunner _runner;
    private readonly ILogger _log;
    private readonly Action<string> _refresh;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Mismatch> _wrong = new(StringComparer.Ordinal);
    private readonly Channel<string> _queue = Channel.CreateUnbounded<string>();
    private readonly Task[] _workers;
    private readonly ITimer _round;
    private long _interval;
    private volatile bool _stopping;

    /// <param name="command">Words of <c>quota_over_script</c>, the first one a <see cref="CommandTarget"/>.</param>
    /// <param name="refresh">Asks for the source of that user to be read again; any thread.</param>
    /// <exception cref="ArgumentException">The command cannot be read.</exception>
    public OverFlagService(string[] command, WarningOptions options, ILogger log, Action<string> refresh,
        TimeSpan? interval = null, TimeProvider? time = null)
    {
        if (!CommandTarget.TryParse(command.FirstOrDefault(""), out var target, out var error))
            throw new ArgumentException(error, nameof(command));
        (_target, _command, _refresh, _log) = (target, command, refresh, log);
        _time = time ?? TimeProvider.System;
        _runner = new ScriptRunner(options, log, _time, "; it is tried again at the interval");
        _interval = (interval ?? DefaultInterval).Ticks;
        _workers = [.. Enumerable.Range(0, Math.Max(1, options.Concurrent)).Select(_ => Task.Run(WorkAsync))];
        _round = _time.CreateTimer(_ => GoRound(), null, Interval / 10, Interval / 10);
    }

    private TimeSpan Interval => new(Volatile.Read(ref _interval));

    /// <summary>Others from the next run on; how many run at once stays.</summary>
    public void SetOptions(WarningOptions options, TimeSpan interval)
    {
        _runner.SetOptions(options);
        Volatile.Write(ref _interval, interval.Ticks);
        _round.Change(interval / 10, interval / 10);
    }

    /// <summary>Tells the newest of flag and truth; the script runs when they differ.</summary>
    /// <param name="user">As the source knows the user.</param>
    /// <param name="flagged">The source's value says over quota.</param>
    /// <param name="isOver">The mailbox is.</param>
    /// <param name="flagValue">The value, handed to the script as its last argument; null when there is none.</param>
    public void Check(string user, WarningSubject subject, bool flagged, bool isOver, string? flagValue)
    {
        if (flagged == isOver)
        {
            _wrong.TryRemove(subject.Key, out _);
            return;
        }
        var wrong = _wrong.GetOrAdd(subject.Key, _ => new Mismatch());
        lock (wrong)
        {
            if (wrong.Newest is { } before && before.IsOver != isOver) wrong.LastRun = null;
            wrong.Newest = new Finding(user, subject, isOver, flagValue);
            Ask(subject.Key, wrong);
        }
    }

    /// <summary>A subject is not there now; it is compared again with its next <see cref="Check"/>.</summary>
    public void Forget(string key) => _wrong.TryRemove(key, out _);

    /// <summary>Starts no more, gives running scripts the grace of the options, then kills them.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        await _round.DisposeAsync().ConfigureAwait(false);
        _queue.Writer.TryComplete();
        _runner.KillAfterGrace();
        await Task.WhenAll(_workers).ConfigureAwait(false);
        _runner.Dispose();
    }

    private void GoRound()
    {
        foreach (var (key, wrong) in _wrong)
            lock (wrong)
                Ask(key, wrong);
    }

    private void Ask(string key, Mismatch wrong)
    {
        var due = wrong.LastRun is not { } last || _time.GetElapsedTime(last) >= Interval;
        if (due && !wrong.Waits) wrong.Waits = _queue.Writer.TryWrite(key);
    }

    private async Task WorkAsync()
    {
        await foreach (var key in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            // agreed meanwhile
            if (_stopping || !_wrong.TryGetValue(key, out var wrong)) continue;
            Finding finding;
            bool isNew;
            lock (wrong)
            {
                // asked for twice, with agreement between
                if (!wrong.Waits) continue;
                isNew = wrong.LastRun is null;
                (wrong.Waits, wrong.LastRun, finding) = (false, _time.GetTimestamp(), wrong.Newest!);
            }
            _log.Write(isNew ? LogEventLevel.Information : LogEventLevel.Debug,
                "{User}: over-quota flag is {Flag}, but the mailbox is {Over:l}", finding.User,
                finding.FlagValue ?? "absent", finding.IsOver ? "over its limit" : "not over its limit");
            try
            {
                var call = ScriptCall.OfFlag(_target, _command, finding.Subject, finding.IsOver, finding.FlagValue);
                await _runner.RunAsync(call, static () => { }).ConfigureAwait(false);
                _refresh(finding.User);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                _log.Error(e, "the over-quota script of {User} failed", finding.User);
            }
        }
    }

    /// <summary>A flag that is wrong, under its own lock.</summary>
    private sealed class Mismatch
    {
        public Finding? Newest { get; set; }

        /// <summary>Timestamp of the last start.</summary>
        public long? LastRun { get; set; }

        public bool Waits { get; set; }
    }

    private sealed record Finding(string User, WarningSubject Subject, bool IsOver, string? FlagValue);
}
