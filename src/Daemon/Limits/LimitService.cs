using System.Collections.Concurrent;
using System.Threading.Channels;
using MaildirQuotaWatcher.State;
using Serilog;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// Every user's quota fields from the first source that knows him, in memory, kept fresh in the background. Any thread.
/// </summary>
/// <remarks>
/// A source that is down changes nothing: whoever would have to be asked there keeps the answer he has, also across a
/// restart (<see cref="LimitStore"/>), and is asked for again when it is back. Nobody is asked at a later source in the
/// meantime, since the first may know better. One loop does all the asking, in rounds; between them it waits for a
/// request or for the moment at which the next limit reaches its age.
/// </remarks>
internal sealed class LimitService : IAsyncDisposable
{
    /// <summary>So many users are asked for at the same time.</summary>
    public const int QueriesAtOnce = 8;

    /// <summary>From so many users on it is cheaper to ask a source for everybody.</summary>
    private const int EverybodyFrom = 100;

    /// <summary>Different complaints about single users that are logged.</summary>
    private const int MostComplaints = 100;

    private readonly SourceHealth[] _sources;
    private readonly LimitStore? _store;
    private readonly ILogger _log;
    private readonly LimitLap _lap;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, LimitAnswer> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<LimitAnswer, LimitAnswer> _shared = [];
    private readonly ConcurrentDictionary<string, UserFields?> _unsaved = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _missed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _complaints = [];
    private readonly Channel<LimitRequest> _requests = Channel.CreateUnbounded<LimitRequest>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private Task<bool>? _more;
    private bool _unsavable;

    /// <param name="sources">In order; owned from now on.</param>
    /// <param name="store">Null keeps answers in memory only; owned from now on.</param>
    public LimitService(IReadOnlyList<ILimitSource> sources, LimitStore? store, LimitOptions options, ILogger log,
        TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _sources = [.. sources.Select(source => new SourceHealth(source, options, log, _time))];
        (_store, _log, _lap) = (store, log, new LimitLap(options.Refresh, _time));
        if (store is not null)
            foreach (var (user, fields) in store.ReadAll(string.Join('\n', sources.Select(source => source.Name))))
                _answers[user] = Share(new LimitAnswer(fields, LimitAnswer.LastRuns));
        _loop = Task.Run(RunAsync);
    }

    /// <summary>
    /// Everybody whose fields have just changed, also from unknown to known. Called by the loop: must not wait for it.
    /// </summary>
    public event Action<IReadOnlyList<string>>? Changed;

    /// <summary>In order, for those who watch <see cref="ILimitSource.Files"/>.</summary>
    public IReadOnlyList<ILimitSource> Sources => [.. _sources.Select(health => health.Source)];

    /// <summary>
    /// The fields of a user, at once. Null when no source knows him, or none has been asked yet: then he is asked for,
    /// and <see cref="Changed"/> tells.
    /// </summary>
    public UserFields? Get(string user)
    {
        if (_answers.TryGetValue(user, out var answer))
            return answer.Fields;
        if (_answers.TryAdd(user, LimitAnswer.Unasked))
            _requests.Writer.TryWrite(new LimitRequest { Users = [user] });
        return null;
    }

    /// <summary>
    /// Whether the sources have been asked for a user, now or in an earlier run; <see cref="Changed"/> tells when they
    /// have.
    /// </summary>
    public bool HasAsked(string user) => _answers.TryGetValue(user, out var answer) && answer != LimitAnswer.Unasked;

    /// <summary>The source that gave a user's fields, for people; null when none did in this run.</summary>
    public ILimitSource? SourceOf(string user) =>
        _answers.TryGetValue(user, out var answer) && answer.Source >= 0 && answer.Source < _sources.Length
            ? _sources[answer.Source].Source
            : null;

    /// <summary>
    /// At start: asks for all users that have a mailbox. Ends when every source has answered or turned out to be down.
    /// </summary>
    public Task WarmAsync(IEnumerable<string> users)
    {
        var all = users.ToHashSet(StringComparer.Ordinal);
        foreach (var user in all)
            _answers.TryAdd(user, LimitAnswer.Unasked);
        return RequestAsync(new LimitRequest { Users = all, IsStart = true });
    }

    /// <summary>Asks for everybody again; ends when that is done.</summary>
    public Task RefreshAllAsync() => RequestAsync(new LimitRequest { TryNow = true });

    /// <summary>Asks for one user again; ends when that is done.</summary>
    public Task RefreshAsync(string user)
    {
        _answers.TryAdd(user, LimitAnswer.Unasked);
        return RequestAsync(new LimitRequest { Users = [user], TryNow = true });
    }

    /// <summary>One of a source's <see cref="ILimitSource.Files"/> has changed; ends when it has been asked.</summary>
    public Task RefreshAsync(ILimitSource source) =>
        RequestAsync(new LimitRequest { Source = source, TryNow = true });

    /// <summary>The user's mailbox is gone.</summary>
    public void Forget(string user)
    {
        _missed.TryRemove(user, out _);
        if (!_answers.TryRemove(user, out _))
            return;
        _unsaved[user] = null;
        _requests.Writer.TryWrite(new LimitRequest { Users = [] });
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _requests.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        while (_requests.Reader.TryRead(out var request))
            request.Done?.TrySetResult();
        foreach (var health in _sources)
            await health.Source.DisposeAsync().ConfigureAwait(false);
        _store?.Dispose();
        _stop.Dispose();
    }

    private Task RequestAsync(LimitRequest request)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _requests.Writer.TryWrite(request with { Done = done }) ? done.Task : Task.CompletedTask;
    }

    private async Task RunAsync()
    {
        var taken = new List<LimitRequest>();
        try
        {
            while (true)
            {
                await WaitAsync().ConfigureAwait(false);
                while (_requests.Reader.TryRead(out var request))
                    taken.Add(request);
                foreach (var round in Rounds(taken))
                    await AskAsync(round).ConfigureAwait(false);
                if (taken.Exists(request => request.IsStart))
                    DropTheUnasked(taken);
                Save();
                Complete(taken);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            Save();
        }
        finally
        {
            Complete(taken);
        }
    }

    private static void Complete(List<LimitRequest> taken)
    {
        foreach (var request in taken)
            request.Done?.TrySetResult();
        taken.Clear();
    }

    /// <summary>Until there is a request, or something is due.</summary>
    private async Task WaitAsync()
    {
        var more = _more is { IsCompleted: false } ? _more : _requests.Reader.WaitToReadAsync(_stop.Token).AsTask();
        _more = more;
        if (NextDue() is not { } due)
        {
            if (!await more.ConfigureAwait(false))
                throw new OperationCanceledException(_stop.Token);
            return;
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var left = due - _time.GetUtcNow();
        var pause = Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, enough.Token);
        await Task.WhenAny(more, pause).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        _stop.Token.ThrowIfCancellationRequested();
    }

    private DateTimeOffset? NextDue()
    {
        if (_answers.IsEmpty)
            return null;
        var due = _lap.NextDue(_answers.Count, GiveEverybody);
        foreach (var health in _sources)
            if (!_missed.IsEmpty && health.RetryAt is { } retry && retry < due)
                due = retry;
        return due;
    }

    private bool GiveEverybody => Array.TrueForAll(_sources, health => health.GivesEverybody);

    /// <summary>What is to be asked now, by request or because it is due.</summary>
    private List<LimitRound> Rounds(List<LimitRequest> requests)
    {
        if (requests.Exists(request => request.TryNow))
            foreach (var health in _sources)
                if (requests.Exists(request => request.TryNow && (request.Source ?? health.Source) == health.Source))
                    health.TryNow();
        var now = _time.GetUtcNow();
        var everybody = requests.Exists(request => request.Users is null && request.Source is null);
        var users = new HashSet<string>(StringComparer.Ordinal);
        if (!everybody)
        {
            users.UnionWith(requests.SelectMany(request => request.Users ?? []));
            if (Array.Exists(_sources, health => health.RetryAt <= now))
                users.UnionWith(_missed.Keys);
            users.UnionWith(_lap.Take(_answers.Keys, GiveEverybody));
        }

        var rounds = new List<LimitRound>();
        if (everybody)
            rounds.Add(new LimitRound([.. _answers.Keys]));
        else if (users.Count > 0)
            rounds.Add(new LimitRound(users));
        if (!everybody)
            foreach (var source in requests.Select(request => request.Source).OfType<ILimitSource>().Distinct())
                if (Array.FindIndex(_sources, health => health.Source == source) is >= 0 and var place)
                    rounds.Add(new LimitRound(KnownFrom(place), place, OneSource: true));
        return rounds;
    }

    /// <summary>Users of whom a source, or one behind it, has spoken last, or none yet.</summary>
    private string[] KnownFrom(int place) =>
        [.. _answers.Where(pair => pair.Value.Source is LimitAnswer.LastRuns || pair.Value.Source >= place)
            .Select(pair => pair.Key)];

    private async Task AskAsync(LimitRound round)
    {
        foreach (var health in _sources)
            health.Begin();
        foreach (var user in round.Users)
            _missed.TryRemove(user, out _);
        var tables = new IReadOnlyDictionary<string, UserFields>?[_sources.Length];
        if (round.Users.Count >= EverybodyFrom)
        {
            // What nobody has any more goes; whose answer is equal keeps his object.
            _shared.Clear();
            for (var i = round.From; i < (round.OneSource ? round.From + 1 : _sources.Length); i++)
                tables[i] = await _sources[i].ReadAllAsync(_stop.Token).ConfigureAwait(false);
        }

        var changed = new ConcurrentQueue<string>();
        var pace = new ParallelOptions { MaxDegreeOfParallelism = QueriesAtOnce, CancellationToken = _stop.Token };
        await Parallel.ForEachAsync(round.Users, pace, async (user, stop) =>
        {
            if (await AskAsync(user, round, tables, stop).ConfigureAwait(false))
                changed.Enqueue(user);
        }).ConfigureAwait(false);
        if (!changed.IsEmpty)
            Tell([.. changed]);
    }

    private void Tell(IReadOnlyList<string> changed)
    {
        try
        {
            Changed?.Invoke(changed);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _log.Error(e, "{Users} changed limits were not passed on; they hold from the next change on",
                changed.Count);
        }
    }

    /// <returns>Whether his fields have changed.</returns>
    private async ValueTask<bool> AskAsync(string user, LimitRound round,
        IReadOnlyDictionary<string, UserFields>?[] tables, CancellationToken stop)
    {
        var old = _answers.GetValueOrDefault(user, LimitAnswer.Unasked);
        for (var i = old.Source == LimitAnswer.LastRuns ? 0 : round.From; i < _sources.Length; i++)
        {
            var fields = tables[i]?.GetValueOrDefault(user);
            if (tables[i] is null)
            {
                try
                {
                    (var answered, fields) = await _sources[i].FindAsync(user, stop).ConfigureAwait(false);
                    if (!answered)
                    {
                        _missed[user] = true;
                        return false;
                    }
                }
                catch (LimitSourceException e)
                {
                    Complain(e.Message);
                    return false;
                }
            }

            if (fields is not null)
                return Set(user, old, new LimitAnswer(fields, i));
            // Whoever knew him behind the one source that has changed still does.
            if (round.OneSource && old.Source > i)
                return false;
        }

        return Set(user, old, LimitAnswer.Unknown);
    }

    private bool Set(string user, LimitAnswer old, LimitAnswer answer)
    {
        if (old == answer)
            return false;
        // Somebody forgotten meanwhile stays so.
        if (!_answers.TryUpdate(user, Share(answer), old))
            return false;
        if (Equals(old.Fields, answer.Fields) && old != LimitAnswer.Unasked)
            return false;
        _unsaved[user] = answer.Fields;
        return true;
    }

    private LimitAnswer Share(LimitAnswer answer) => _shared.GetOrAdd(answer, answer);

    private void Complain(string what)
    {
        lock (_complaints)
            if (_complaints.Count < MostComplaints && _complaints.Add(what))
                _log.Warning("{Complaint:l}; the limit stays as it was", what);
    }

    /// <summary>Answers of the last run for users without a mailbox, unless they may be all that is known.</summary>
    private void DropTheUnasked(List<LimitRequest> requests)
    {
        if (Array.Exists(_sources, health => health.IsDown))
            return;
        var asked = requests.SelectMany(request => request.Users ?? []).ToHashSet(StringComparer.Ordinal);
        foreach (var (user, answer) in _answers)
            if (answer.Source == LimitAnswer.LastRuns && answer.Fields is not null && !asked.Contains(user))
                Forget(user);
    }

    private void Save()
    {
        if (_store is null || _unsaved.IsEmpty)
            return;
        var rows = _unsaved.ToArray();
        try
        {
            _store.Write(rows);
            foreach (var row in rows)
                _unsaved.TryRemove(row);
            if (_unsavable)
                _log.Information("state file {File} can be written again", _store.Path);
            _unsavable = false;
        }
        catch (StateException e)
        {
            if (!_unsavable)
                _log.Warning("{Error:l}; limits hold all the same, tried again with the next change", e.Message);
            _unsavable = true;
        }
    }
}
