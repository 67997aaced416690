using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Decides which warnings run: a level with memory, not an edge, so it does not matter who crossed the line, how far at
/// once, or whether usage or the limit moved. Pure and immutable; any thread.
/// </summary>
/// <remarks>
/// Implementation notes. Reached is <c>usage &gt;= limit * percent / 100</c>, truncated, as Dovecot computes it; a
/// level of zero is never reached, and percentages of an unlimited resource have no level. Memory is kept for each
/// limit of a rule by itself, so <c>storage=50%:messages=50%</c> warns again when the second one is reached. With
/// hysteresis an over-threshold is left only below its level less so many percent points; a below-threshold that has
/// fired is armed again at its level plus as many, but at the latest where the mailbox is full: beyond that it would
/// never be. Rising is judged without our own messages, falling with them: so they neither are the reason for a warning
/// nor make one repeat, and a threshold between the two is reached as soon as other mail comes to it.
/// </remarks>
public sealed class WarningEvaluator(IReadOnlyList<WarningRule> rules, WarningPolicy policy)
{
    public IReadOnlyList<WarningRule> Rules { get; } = rules;

    /// <summary>
    /// <see cref="WarningChoice.Highest"/>: at most one over-warning and one below-warning.
    /// <see cref="WarningChoice.First"/>: at most one.
    /// </summary>
    /// <param name="now">Unix seconds.</param>
    /// <param name="next">What to remember; the same object as <paramref name="state"/> when nothing changed.</param>
    /// <param name="own">How much of <paramref name="usage"/> is our own warnings: no reason for another one.</param>
    public IReadOnlyList<Warning> Evaluate(
        Usage usage, QuotaLimit limit, WarningState state, long now, out WarningState next, Usage own = default)
    {
        next = state;
        if (state.IsEmpty && !ReachesAny(usage, limit)) return [];
        var levels = Levels(usage, limit, own);
        var memories = new PartMemory?[levels.Length];
        var crossed = new List<Level>();
        for (var i = 0; i < levels.Length; i++)
        {
            var old = state.Find(levels[i].Key);
            memories[i] = Remember(levels[i], old, now);
            if (memories[i] is { } memory && memory.Phase != old?.Phase
                && levels[i].Rule.Below == (memory.Phase == PartPhase.Left))
                crossed.Add(levels[i]);
        }

        var chosen = Choose(crossed);
        var lastWarned = LastWarned(levels, memories, state, chosen, now);
        var reminder = chosen.Exists(level => !level.Rule.Below) ? null : Due(levels, memories, lastWarned, now);
        var remembered = WarningState.Of(Marked(levels, memories, chosen), reminder is null ? lastWarned : now);
        if (!remembered.Equals(state)) next = remembered;

        var warnings = chosen.ConvertAll(level => new Warning(level.Rule, level.Part, usage, limit));
        if (reminder is not null) warnings.Add(new Warning(reminder.Rule, reminder.Part, usage, limit, true));
        return warnings;
    }

    /// <summary>True when usage has come to some threshold where it was not, as far as is remembered.</summary>
    public bool Rises(Usage usage, QuotaLimit limit, WarningState state) =>
        ReachesAny(usage, limit) && Array.Exists(Levels(usage, limit, Usage.Zero), level =>
            !state.IsAbove(level.Key) && Remember(level, state.Find(level.Key), 0)?.Phase == PartPhase.Above);

    /// <summary>True when usage stands at or above any threshold.</summary>
    private bool ReachesAny(Usage usage, QuotaLimit limit)
    {
        foreach (var rule in Rules)
            foreach (var part in rule.Parts)
                if (part.LevelOf(limit) is var level && level > 0 && part.Of(usage) >= level)
                    return true;
        return false;
    }

    /// <summary>Every threshold as it stands, in definition order, for people.</summary>
    public IEnumerable<PartStanding> Explain(Usage usage, QuotaLimit limit, WarningState state) =>
        Levels(usage, limit, Usage.Zero).Select(
            level => new PartStanding(level.Rule, level.Part, level.At, level.Used, state.Find(level.Key)));

    private Level[] Levels(Usage usage, QuotaLimit limit, Usage own) =>
        [.. Rules.SelectMany(rule => rule.Parts.Select(part => new Level(rule, part, usage, limit, own)))];

    /// <summary>What is to be remembered of one threshold from now on; null for nothing.</summary>
    private PartMemory? Remember(Level level, PartMemory? old, long now)
    {
        if (level.At == 0) return null;
        var above = new PartMemory(level.Key, PartPhase.Above, now, false);
        if (!level.Rule.Below)
            return old is null ? level.IsRisen(level.At) ? above : null : level.Used >= Lower(level) ? old : null;
        return old?.Phase switch
        {
            PartPhase.Above => level.IsReached ? old : new PartMemory(level.Key, PartPhase.Left, now, false),
            PartPhase.Left => level.IsRisen(Upper(level)) ? above : old,
            _ => level.IsRisen(level.At) ? above : null,
        };
    }

    private Int128 Slack(Level level) => (Int128)Math.Max(0, level.Allowed) * policy.Hysteresis / 100;

    private Int128 Lower(Level level) => Int128.Max(1, level.At - Slack(level));

    private Int128 Upper(Level level) => Int128.Min(level.At + Slack(level), Int128.Max(level.At, level.Allowed));

    private List<Level> Choose(List<Level> crossed)
    {
        if (policy.Choice == WarningChoice.First || crossed.Count == 0) return [.. crossed.Take(1)];
        var over = crossed.Where(level => !level.Rule.Below).MaxBy(level => level.Rank);
        var below = crossed.Where(level => level.Rule.Below).MinBy(level => level.Rank);
        return [.. new[] { over, below }.OfType<Level>()];
    }

    private static long LastWarned(
        Level[] levels, PartMemory?[] memories, WarningState state, List<Level> chosen, long now)
    {
        if (chosen.Exists(level => !level.Rule.Below)) return now;
        for (var i = 0; i < levels.Length; i++)
            if (!levels[i].Rule.Below && memories[i] is not null)
                return state.LastWarned > 0 ? state.LastWarned : now;
        return 0;
    }

    private Level? Due(Level[] levels, PartMemory?[] memories, long lastWarned, long now)
    {
        if (policy.Remind <= TimeSpan.Zero || now - lastWarned < policy.Remind.TotalSeconds) return null;
        return levels.Where((level, i) => !level.Rule.Below && level.IsReached && memories[i] is not null)
            .MaxBy(level => level.Rank);
    }

    /// <summary>The memories, with a mark at those whose own warning runs.</summary>
    private static IEnumerable<PartMemory> Marked(Level[] levels, PartMemory?[] memories, List<Level> chosen)
    {
        for (var i = 0; i < levels.Length; i++)
            if (memories[i] is { } memory)
                yield return chosen.Exists(level => level.Key == memory.Key) ? memory with { Warned = true } : memory;
    }

    /// <summary>One limit of one rule, held against usage.</summary>
    private sealed class Level(WarningRule rule, WarningPart part, Usage usage, QuotaLimit limit, Usage own)
    {
        public WarningRule Rule { get; } = rule;

        public WarningPart Part { get; } = part;

        public string Key { get; } = rule.MemoryKey(part);

        /// <summary>0 when there is none.</summary>
        public Int128 At { get; } = part.LevelOf(limit);

        public long Used { get; } = part.Of(usage);

        public long Allowed { get; } = part.Of(limit);

        /// <summary>How high, in percent of the limit; without one the absolute amounts decide.</summary>
        public (double Percent, long Amount) Rank { get; } = (part.RankOf(limit), part.IsPercent ? 0 : part.Amount);

        public bool IsReached => At > 0 && Used >= At;

        /// <summary>Without our own warnings, too: they lift nothing over a line. What falls is all of it.</summary>
        public bool IsRisen(Int128 line) => At > 0 && (Int128)Used - Part.Of(own) >= line;
    }
}
