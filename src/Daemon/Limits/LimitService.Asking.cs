using System.Collections.Concurrent;

namespace MaildirQuotaWatcher.Limits;

/// <summary>Whom to ask, and what becomes of the answers. On the loop alone, but for single questions.</summary>
internal sealed partial class LimitService
{
    /// <summary>From so many users on it is cheaper to ask a source for everybody.</summary>
    private const int EverybodyFrom = 100;

    /// <summary>Different complaints about single users that are logged.</summary>
    private const int MostComplaints = 100;

    private readonly HashSet<string> _complaints = [];

    private DateTimeOffset? NextDue()
    {
        if (_answers.IsEmpty || _sources.Length == 0)
            return _saveAt;
        var due = _lap.NextDue(_answers.Count, GiveEverybody);
        foreach (var health in _sources)
            if (!_missed.IsEmpty && health.RetryAt is { } retry && retry < due)
                due = retry;
        return _saveAt < due ? _saveAt : due;
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
        // A round of one source does not ask those in front of it, one of which may be the one that is down.
        if (!round.OneSource)
            foreach (var user in round.Users)
                _missed.TryRemove(user, out _);
        var tables = new EverybodysFields?[_sources.Length];
        if (round.Users.Count >= EverybodyFrom)
        {
            // What nobody has any more goes; whose answer is equal keeps his object.
            _shared.Clear();
            for (var i = round.From; i < (round.OneSource ? round.From + 1 : _sources.Length); i++)
                if (await _sources[i].ReadAllAsync(_stop.Token).ConfigureAwait(false) is { } all)
                    tables[i] = new EverybodysFields(all);
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
    private async ValueTask<bool> AskAsync(
        string user, LimitRound round, EverybodysFields?[] tables, CancellationToken stop)
    {
        var old = _answers.GetValueOrDefault(user, LimitAnswer.Unasked);
        for (var i = old.Source == LimitAnswer.LastRuns ? 0 : round.From; i < _sources.Length; i++)
        {
            UserFields? fields = null;
            if (tables[i]?.TryDecide(user, out fields) is not true)
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
                    _refused[user] = e.Message;
                    Complain(e.Message);
                    return false;
                }
            }

            _refused.TryRemove(user, out _);
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
}
