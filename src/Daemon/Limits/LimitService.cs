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
internal sealed partial class LimitService : IAsyncDisposable
{
    /// <summary>So many users are asked for at the same time.</summary>
    public const int QueriesAtOnce = 8;

    private readonly LimitStore? _store;
    private readonly ILogger _log;
    private readonly LimitOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, LimitAnswer> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<LimitAnswer, LimitAnswer> _shared = [];
    private readonly ConcurrentDictionary<string, UserFields?> _unsaved = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _missed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _refused = new(StringComparer.Ordinal);
    private readonly Channel<LimitRequest> _requests = Channel.CreateUnbounded<LimitRequest>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private HashSet<string> _absent = [];
    private volatile SourceHealth[] _sources;
    private LimitLap _lap;
    private Task<bool>? _more;
    private DateTimeOffset? _saveAt;

    /// <param name="sources">In order; owned from now on.</param>
    /// <param name="store">Null keeps answers in memory only; owned from now on.</param>
    public LimitService(IReadOnlyList<ILimitSource> sources, LimitStore? store, LimitOptions options, ILogger log,
        TimeProvider? time = null)
    {
        (_time, _options, _store, _log) = (time ?? TimeProvider.System, options, store, log);
        _sources = [.. sources.Select(source => new SourceHealth(source, options, log, _time))];
        _lap = new LimitLap(options.Refresh, _time);
        if (store is not null && sources.Count > 0)
        {
            foreach (var (user, fields) in store.ReadAll(Names))
            {
                _answers[user] = Share(new LimitAnswer(fields, LimitAnswer.LastRuns));
                _missed[user] = true;
            }

            // What is wrong with it has been said.
            if (!store.IsOpen)
                _saveAt = _time.GetUtcNow() + options.LongestPause;
        }

        _loop = Task.Run(RunAsync);
    }

    /// <summary>
    /// Everybody whose fields have just changed, also from not asked to known, or to known to nobody. Called by the
    /// loop: must not wait for it.
    /// </summary>
    public event Action<IReadOnlyList<string>>? Changed;

    /// <summary>In order, for those who watch <see cref="ILimitSource.Files"/>.</summary>
    public IReadOnlyList<ILimitSource> Sources => [.. _sources.Select(health => health.Source)];

    private string Names => string.Join('\n', _sources.Select(health => health.Source.Name));

    /// <summary>
    /// The fields of a user, at once. Null when no source knows him, or none has been asked yet: then he is asked for,
    /// and <see cref="Changed"/> tells.
    /// </summary>
    public UserFields? Get(string user)
    {
        if (_sources.Length == 0)
            return null;
        if (_answers.TryGetValue(user, out var answer))
            return answer.Fields;
        if (_answers.TryAdd(user, LimitAnswer.Unasked))
            _requests.Writer.TryWrite(new LimitRequest { Users = [user] });
        return null;
    }

    /// <summary>What is known of a user now; asks nobody.</summary>
    public UserFields? Known(string user) => _answers.GetValueOrDefault(user)?.Fields;

    /// <summary>The sources that do not answer now, each with the reason, for people.</summary>
    public IReadOnlyList<string> Down =>
    [
        .. _sources.Select(health => (health.Source.Name, health.Problem)).Where(source => source.Problem is not null)
            .Select(source => $"{source.Name} does not answer: {source.Problem}"),
    ];

    /// <summary>Users whose own entry in a source is wrong, and what is wrong with it.</summary>
    public IReadOnlyList<(string User, string Problem)> Refused =>
        [.. _refused.Select(refused => (refused.Key, refused.Value))];

    /// <summary>
    /// Whether the sources have been asked for a user, now or in an earlier run; <see cref="Changed"/> tells when they
    /// have. Without sources there is nobody to ask.
    /// </summary>
    public bool HasAsked(string user) =>
        _sources.Length == 0 || (_answers.TryGetValue(user, out var answer) && answer != LimitAnswer.Unasked);

    /// <summary>The source that gave a user's fields, for people; null when none did in this run.</summary>
    public ILimitSource? SourceOf(string user) => _sources is var sources
        && _answers.TryGetValue(user, out var answer) && answer.Source >= 0 && answer.Source < sources.Length
            ? sources[answer.Source].Source
            : null;

    /// <summary>
    /// At start: asks for all users that have a mailbox. Ends when every source has answered or turned out to be down.
    /// </summary>
    public Task WarmAsync(IEnumerable<string> users)
    {
        if (_sources.Length == 0)
            return Task.CompletedTask;
        var all = users.ToHashSet(StringComparer.Ordinal);
        foreach (var user in all)
            _answers.TryAdd(user, LimitAnswer.Unasked);
        return RequestAsync(new LimitRequest { Users = all, IsStart = true });
    }

    /// <summary>
    /// Other sources from now on. Everybody keeps what he has until he has been asked for there; ends when that is
    /// done.
    /// </summary>
    /// <param name="sources">In order; those of <see cref="Sources"/> that are not among them are disposed of.</param>
    /// <param name="refresh">As <see cref="LimitOptions.Refresh"/>.</param>
    /// <param name="users">All that have a mailbox.</param>
    public Task SetSourcesAsync(IReadOnlyList<ILimitSource> sources, TimeSpan refresh, IEnumerable<string> users)
    {
        if (sources.Count > 0)
            foreach (var user in users)
                _answers.TryAdd(user, LimitAnswer.Unasked);
        return RequestAsync(new LimitRequest { TryNow = true, Setup = new LimitSetup(sources, refresh) });
    }

    /// <summary>Asks for everybody again; ends when that is done.</summary>
    public Task RefreshAllAsync() => RequestAsync(new LimitRequest { TryNow = true });

    /// <summary>Asks for one user again; ends when that is done.</summary>
    public Task RefreshAsync(string user)
    {
        if (_sources.Length == 0)
            return Task.CompletedTask;
        _answers.TryAdd(user, LimitAnswer.Unasked);
        return RequestAsync(new LimitRequest { Users = [user], TryNow = true });
    }

    /// <summary>One of a source's <see cref="ILimitSource.Files"/> has changed; ends when it has been asked.</summary>
    public Task RefreshAsync(ILimitSource source) =>
        RequestAsync(new LimitRequest { Source = source, TryNow = true });

    /// <summary>
    /// To be called now and then: forgets who has no mailbox, and had none the last time either. Whose mailbox is
    /// moved, or not mounted for a moment, keeps what is known of him. One thread at a time.
    /// </summary>
    /// <param name="users">All that have a mailbox now.</param>
    public void ForgetAllBut(IReadOnlySet<string> users)
    {
        var absent = _answers.Keys.Where(user => !users.Contains(user)).ToHashSet(StringComparer.Ordinal);
        foreach (var user in absent)
            if (_absent.Contains(user))
                Forget(user);
        _absent = absent;
    }

    private void Forget(string user)
    {
        _missed.TryRemove(user, out _);
        _refused.TryRemove(user, out _);
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
                try
                {
                    await StepAsync(taken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OutOfMemoryException and not OperationCanceledException)
                {
                    _log.Error(e, "asking for limits failed, a fault of this program; limits stay as they are");
                    Complete(taken);
                    await Task.Delay(_options.LongestPause, _time, _stop.Token).ConfigureAwait(false);
                }
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

    /// <summary>Waits for work, does it, and tells those who wait for it.</summary>
    private async Task StepAsync(List<LimitRequest> taken)
    {
        await WaitAsync().ConfigureAwait(false);
        while (_requests.Reader.TryRead(out var request))
            taken.Add(request);
        foreach (var setup in taken.Select(request => request.Setup).OfType<LimitSetup>())
            await SetUpAsync(setup).ConfigureAwait(false);
        foreach (var round in Rounds(taken))
            await AskAsync(round).ConfigureAwait(false);
        if (taken.Exists(request => request.IsStart))
            DropTheUnasked(taken);
        Save();
        Complete(taken);
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

    private async Task SetUpAsync(LimitSetup setup)
    {
        var (old, names) = (_sources, Names);
        _sources = [.. setup.Sources.Select(source => Array.Find(old, health => health.Source == source)
            ?? new SourceHealth(source, _options, _log, _time))];
        foreach (var (user, answer) in _answers)
        {
            if (answer.Source is LimitAnswer.LastRuns or LimitAnswer.Nobodys)
                continue;
            var place = Array.IndexOf(_sources, old[answer.Source]);
            _answers.TryUpdate(user, Share(answer with { Source = place < 0 ? LimitAnswer.LastRuns : place }), answer);
        }

        _lap = new LimitLap(setup.Refresh, _time);
        if (Names != names)
            _store?.Rename(Names);
        foreach (var health in old.Except(_sources))
            await health.Source.DisposeAsync().ConfigureAwait(false);
    }

    private void Save()
    {
        if (_store is null || (_unsaved.IsEmpty && !_store.IsBehind))
            return;
        var rows = _unsaved.ToArray();
        try
        {
            _store.Write(rows);
            foreach (var row in rows)
                _unsaved.TryRemove(row);
            if (_saveAt is not null)
                _log.Information("state file {File} can be written again", _store.Path);
            _saveAt = null;
        }
        catch (StateException e)
        {
            if (_saveAt is null)
                _log.Warning("{Error:l}; limits hold all the same, it is tried again", e.Message);
            _saveAt = _time.GetUtcNow() + _options.LongestPause;
        }
    }
}
