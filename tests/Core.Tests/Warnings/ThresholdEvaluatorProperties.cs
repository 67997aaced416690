using FsCheck;
using FsCheck.Fluent;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Core.Tests.Warnings;

/// <summary>Any walk of usage and limit, against the rule told in the most naive way.</summary>
public sealed class ThresholdEvaluatorProperties
{
    private static readonly Threshold[] Set =
    [
        new(QuotaResource.Storage, 80, false, []), new(QuotaResource.Storage, 95, false, []),
        new(QuotaResource.Messages, 90, false, []), new(QuotaResource.Storage, 100, true, []),
        new(QuotaResource.Storage, 80, true, []), new(QuotaResource.Messages, 50, true, []),
    ];

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
            var ran = new ThresholdEvaluator(Set).Evaluate(usage, limit, state, out state);
            foreach (var warning in ran.Where(w => !w.Threshold.Below))
                if (!armed[warning.Threshold.Key] || !Reached(warning.Threshold, usage, limit)) return false;
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
            var ran = new ThresholdEvaluator(Set).Evaluate(usage, limit, state, out state);
            foreach (var warning in ran.Where(w => w.Threshold.Below))
                if (!above[warning.Threshold.Key] || Reached(warning.Threshold, usage, limit)
                    || (warning.Threshold.Resource == QuotaResource.Storage ? limit.Bytes : limit.Messages) == 0)
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
            var ran = new ThresholdEvaluator(Set).Evaluate(usage, limit, state, out state);
            var newly = Set.Where(t => !t.Below && Reached(t, usage, limit) && !before.Contains(t.Key)).ToArray();
            var over = ran.Where(w => !w.Threshold.Below).ToArray();
            if (over.Length != Math.Min(newly.Length, 1) || ran.Count - over.Length > 1) return false;
            if (over.Length == 1 && over[0].Threshold.Percent != newly.Max(t => t.Percent)) return false;
        }
        return true;
    });

    [Fact]
    public void Evaluate_TheSameAgain_RunsNothing() => Check(walk =>
    {
        var state = WarningState.Empty;
        foreach (var (usage, limit) in walk)
        {
            new ThresholdEvaluator(Set).Evaluate(usage, limit, state, out state);
            var stored = WarningState.FromBytes(state.ToBytes());
            if (!stored.Equals(state)) return false;
            if (new ThresholdEvaluator(Set).Evaluate(usage, limit, stored, out _).Count != 0) return false;
        }
        return true;
    });

    private static void Check(Func<(Usage Usage, QuotaLimit Limit)[], bool> property) =>
        Prop.ForAll(Walks, property).QuickCheckThrowOnFailure();

    private static bool Reached(Threshold threshold, Usage usage, QuotaLimit limit)
    {
        var (used, allowed) = threshold.Resource == QuotaResource.Storage
            ? (usage.Bytes, limit.Bytes)
            : (usage.Messages, limit.Messages);
        return allowed > 0 && used >= allowed * threshold.Percent / 100;
    }
}
