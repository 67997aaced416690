using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Decides which warnings run: a level with memory, not an edge, so it does not matter who crossed the line, how far at
/// once, or whether usage or the limit moved. Pure and immutable; any thread.
/// </summary>
/// <remarks>
/// Reached is <c>usage &gt;= limit * percent / 100</c>, truncated, as Dovecot computes it; a level of zero is never
/// reached, and an unlimited resource has no levels.
/// </remarks>
public sealed class ThresholdEvaluator(IReadOnlyList<Threshold> thresholds)
{
    public IReadOnlyList<Threshold> Thresholds { get; } = thresholds;

    /// <summary>At most one over-warning (the highest newly reached) and one below-warning (the lowest left).</summary>
    /// <param name="next">What to remember; the same object as <paramref name="state"/> when nothing changed.</param>
    public IReadOnlyList<Warning> Evaluate(Usage usage, QuotaLimit limit, WarningState state, out WarningState next)
    {
        Threshold? over = null, below = null;
        var changed = false;
        foreach (var threshold in Thresholds)
        {
            var level = LevelOf(threshold, limit);
            var reached = IsReached(threshold, usage, level);
            var remembered = state.Contains(threshold.Key);
            if (reached == remembered) continue;
            changed = true;
            if (reached && !threshold.Below && threshold.Percent > (over?.Percent ?? 0))
                over = threshold;
            else if (!reached && threshold.Below && level > 0 && threshold.Percent < (below?.Percent ?? int.MaxValue))
                below = threshold;
        }

        next = changed ? StateOf(usage, limit) : state;
        if (over is null && below is null) return [];
        var warnings = new List<Warning>(2);
        if (over is not null) warnings.Add(new Warning(over, usage, limit));
        if (below is not null) warnings.Add(new Warning(below, usage, limit));
        return warnings;
    }

    private WarningState StateOf(Usage usage, QuotaLimit limit) =>
        WarningState.Of(Thresholds.Where(t => IsReached(t, usage, LevelOf(t, limit))).Select(t => t.Key));

    /// <summary>The level in the resource's unit; 0 when there is none.</summary>
    private static Int128 LevelOf(Threshold threshold, QuotaLimit limit)
    {
        var allowed = threshold.Resource == QuotaResource.Storage ? limit.Bytes : limit.Messages;
        return allowed <= 0 ? 0 : (Int128)allowed * threshold.Percent / 100;
    }

    private static bool IsReached(Threshold threshold, Usage usage, Int128 level) =>
        level > 0 && (threshold.Resource == QuotaResource.Storage ? usage.Bytes : usage.Messages) >= level;
}
