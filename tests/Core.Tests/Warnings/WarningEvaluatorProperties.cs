using FsCheck;
using FsCheck.Fluent;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Core.Tests.Warnings;

/// <summary>Any walk of usage and limit, against the rule told in the most naive way.</summary>
public sealed class WarningEvaluatorProperties
{
    private static readonly WarningRule[] Set =
    [
        WarningRule.OfPercent(QuotaResource.Storage, 80, false, []), WarningRule.OfPercent(QuotaResource.Storage, 95, false, []),
        WarningRule.OfPercent(QuotaResource.Messages, 90, false, []), WarningRule.OfPercent(QuotaResource.Storage, 100, true, []),
        WarningRule.OfPercent(QuotaResource.Storage, 80, true, []), WarningRule.OfPercent(QuotaResource.Messages, 50, true, []),
    ];

    private static readonly WarningEvaluator Evaluator = new(Set, new WarningPolicy());

    private static readonly Arbitrary<(Usage Usage, QuotaLimit Limit)[]> Walks = Gen.ArrayOf(
        from bytes in Gen.Choose(0, 130)
        from messages in Gen.Choose(0, 13)
        from limitBytes in Gen.Elements(0, 100, 100, 100, 60)
        from limitMessages in Gen.Elements(0, 10, 10, 7)
        select (new Usage(bytes, messages), new QuotaLimit(limitBytes, limitMessages))).ToArbitrary();

    [Fact]
    public void OverWarning_NeverRepeats_WithoutFallingBelowBetween() => Check(walk =>
    {
        var armed = Set.Where(t => !t.Below).ToDictionary(t => t.Key, _ => true);
        var state = WarningState.Empty;
        foreach (var (usage, limit) in walk)
        {
            var ran = Evaluator.Evaluate(usage, limit, state, 1000, out state);
            foreach (var warning in ran.Where(w => !w.Rule.Below))
                if (!armed[warning.Rule.Key] || !Reached(warning.Rule, usage, limit)) return false;
            foreach (var threshold in Set.Where(t => !t.Below))
                armed[threshold.Key] = !Reached(threshold, usage, limit);
        }
        return true;
    });

    [Fact]
    public void BelowWarning_OnlyAfterHavingBeenAbove_AndNeverUnlimited() => Check(walk =>
    {
        var above = Set.Where(t => t.Below).ToDictionary(t => t.Key, _ => false);
        var state = WarningState.Empty;
        foreach (var (usage, limit) in walk)
        {
            var ran = Evaluator.Evaluate(usage, limit, state, 1000, out state);
            foreach (var warning in ran.Where(w => w.Rule.Below))
                if (!above[warning.Rule.Key] || Reached(warning.Rule, usage, limit)
                    || (warning.Part.Resource == QuotaResource.Storage ? limit.Bytes : limit.Messages) == 0)
                    return false;
            foreach (var threshold in Set.Where(t => t.Below))
                above[threshold.Key] = Reached(threshold, usage, limit);
        }
        return true;
    });

    [Fact]
    public void Evaluate_RunsTheHighestNewlyReached_AndAtMostOneEach() => Check(walk =>
    {
        var state = WarningState.Empty;
        foreach (var (usage, limit) in walk)
        {
            var before = state;
            var ran = Evaluator.Evaluate(usage, limit, state, 1000, out state);
            var newly = Set.Where(t => !t.Below && Reached(t, usage, limit) && !before.IsAbove(t.Key)).ToArray();
            var over = ran.Where(w => !w.Rule.Below).ToArray();
            if (over.Length != Math.Min(newly.Length, 1) || ran.Count - over.Length > 1) return false;
            if (over.Length == 1 && over[0].Part.Amount != newly.Max(t => t.Parts[0].Amount)) return false;
        }
        return true;
    });

    [Fact]
    public void Evaluate_TheSameAgain_RunsNothing() => Check(walk =>
    {
        var state = WarningState.Empty;
        foreach (var (usage, limit) in walk)
        {
            Evaluator.Evaluate(usage, limit, state, 1000, out state);
            var stored = WarningState.FromBytes(state.ToBytes());
            if (!stored.Equals(state)) return false;
            if (Evaluator.Evaluate(usage, limit, stored, 2000, out _).Count != 0) return false;
        }
        return true;
    });

    [Fact]
    public void First_RunsAtMostOne_AndDovecotsEdgeSaysWhich() => Check(walk =>
    {
        var evaluator = new WarningEvaluator(Set, new WarningPolicy { Choice = WarningChoice.First });
        var (state, before) = (WarningState.Empty, Usage.Zero);
        var limit = new QuotaLimit(100, 10);
        foreach (var (usage, _) in walk)
        {
            // over: before < T <= after; below: after < T <= before
            var expected = Set.FirstOrDefault(t => t.Below
                ? !Reached(t, usage, limit) && Reached(t, before, limit)
                : Reached(t, usage, limit) && !Reached(t, before, limit));
            var ran = evaluator.Evaluate(usage, limit, state, 1000, out state);
            if (ran.SingleOrDefault()?.Rule != expected) return false;
            before = usage;
        }
        return true;
    });

    [Fact]
    public void Hysteresis_NeverWarnsAgain_WithoutThatMuchBetween() => Check(walk =>
    {
        var evaluator = new WarningEvaluator(Set, new WarningPolicy { Hysteresis = 10 });
        var limit = new QuotaLimit(100, 10);
        var state = WarningState.Empty;
        var lowest = Set.Where(t => !t.Below).ToDictionary(t => t, _ => 0L);
        foreach (var (usage, _) in walk)
        {
            var ran = evaluator.Evaluate(usage, limit, state, 1000, out state);
            foreach (var rule in lowest.Keys)
                lowest[rule] = Math.Min(lowest[rule], rule.Parts[0].Of(usage) * 100 / rule.Parts[0].Of(limit));
            foreach (var rule in ran.Select(w => w.Rule).Where(r => !r.Below))
            {
                if (lowest[rule] >= rule.Parts[0].Amount - 10) return false;
                lowest[rule] = long.MaxValue;
            }
            // speaking for others, the highest takes their turn too
            foreach (var rule in lowest.Keys.Where(r => ran.Any(w => !w.Rule.Below) && state.IsAbove(r.Key)))
                lowest[rule] = long.MaxValue;
        }
        return true;
    });

    private static void Check(Func<(Usage Usage, QuotaLimit Limit)[], bool> property) =>
        Prop.ForAll(Walks, property).Check(Chance.Of(100));

    private static bool Reached(WarningRule threshold, Usage usage, QuotaLimit limit)
    {
        var (used, allowed) = threshold.Parts[0].Resource == QuotaResource.Storage
            ? (usage.Bytes, limit.Bytes)
            : (usage.Messages, limit.Messages);
        return allowed > 0 && used >= allowed * threshold.Parts[0].Amount / 100;
    }
}
