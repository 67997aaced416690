namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// Which users are due: everybody once in a while where sources give everybody at once, else a few at a time, so that
/// each is asked for once in that while and a server sees no burst. One thread.
/// </summary>
internal sealed class LimitLap(TimeSpan refresh, TimeProvider time)
{
    private static readonly TimeSpan ShortestStep = TimeSpan.FromSeconds(1);

    private string[] _users = [];
    private int _next;
    private DateTimeOffset? _due;

    /// <summary>When <see cref="Take"/> will give somebody.</summary>
    /// <param name="known">How many users there are, at least one.</param>
    /// <param name="everybodyAtOnce">Whether all sources can do that.</param>
    public DateTimeOffset NextDue(int known, bool everybodyAtOnce)
    {
        // Several daemons that start together do not stay together.
        return _due ??= time.GetUtcNow()
            + (everybodyAtOnce ? refresh * (0.9 + 0.1 * Random.Shared.NextDouble()) : Step(known));
    }

    /// <summary>Those whose turn it is; none before <see cref="NextDue"/>.</summary>
    public IReadOnlyCollection<string> Take(ICollection<string> known, bool everybodyAtOnce)
    {
        if (_due is null || time.GetUtcNow() < _due || known.Count == 0)
            return [];
        _due = null;
        if (everybodyAtOnce)
            return [.. known];
        if (_next >= _users.Length)
            (_users, _next) = ([.. known], 0);
        var start = _next;
        _next = Math.Min(_users.Length, start + (int)Math.Ceiling(known.Count * (Step(known.Count) / refresh)));
        return _users[start.._next];
    }

    private TimeSpan Step(int known)
    {
        var step = refresh / known;
        return step > ShortestStep ? step : ShortestStep < refresh ? ShortestStep : refresh;
    }
}
