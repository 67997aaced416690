using FsCheck;
using FsCheck.Fluent;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;

namespace MaildirQuotaWatcher.Core.Tests.Rules;

/// <summary>Any rules at all.</summary>
public sealed class QuotaRuleProperties
{
    private static readonly string[] Folders = ["INBOX", "Trash", "Archive", "Archive/Old", "", "Spam1"];

    private static readonly Gen<string> Numbers =
        from sign in Gen.Elements("", "+", "-")
        from number in Gen.Elements(
            "0", "1", "10", "99", "100", "5000", "9007199254740993", "9223372036854775807", "9223372036854775808")
        from unit in Gen.Elements("", "b", "k", "M", "G", "T", "%", "%%", " GB", "KiB", "x")
        select sign + number + unit;

    private static readonly Gen<string> Limits =
        from key in Gen.Elements("storage", "bytes", "messages", "Storage")
        from number in Gen.Frequency((8, Numbers), (1, Gen.Constant("unlimited")), (1, Gen.Constant("")))
        select $"{key}={number}";

    private static readonly Gen<string> Texts =
        from mask in Gen.Elements("*", "?", "Trash", "Arch*", "Archive/Old", "inbox", "Spam?", "*rash", "A.B", "")
        from body in Gen.Frequency(
            (8, Gen.ArrayOf(Limits).Select(limits => string.Join(':', limits))),
            (2, Gen.Constant("ignore")),
            (1, Gen.Elements("backend=7000S,3C", "backend=NOQUOTA", "backend=x", "IGNORE")))
        select $"{mask}:{body}";

    private static readonly Arbitrary<QuotaRule[]> Rules = Gen.ArrayOf(Texts)
        .Select(texts => texts.Select(text => QuotaRule.TryParse(text, out var rule, out _) ? rule : null)
            .OfType<QuotaRule>().ToArray())
        .ToArbitrary();

    [Fact]
    public void TryParse_AnyText_GivesARuleOrAnErrorThatPointsIntoIt()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(text => text is not null), PointsIntoIt)
            .Check(Chance.Of(100));
        Prop.ForAll(Texts.ToArbitrary(), PointsIntoIt).Check(Chance.Of(100));
    }

    [Fact]
    public void TryParse_WhatToStringWrote_IsTheSameRule() =>
        Check(rules => rules.All(rule => Rule.Of(rule.ToString()) == rule));

    [Fact]
    public void LimitFor_AnyRules_IsThatOfTheFirstMatch_AndNeverNegative() => Check(rules =>
    {
        var set = RuleSet.Create(rules);
        var standard = set.Default?.Limit ?? new QuotaLimit(1000, 10);
        return standard is { Bytes: >= 0, Messages: >= 0 } && Folders.All(folder =>
        {
            var limit = set.LimitFor(folder, standard);
            var first = set.Folders.FirstOrDefault(rule => Wildcard.Matches(folder, rule.Mask));
            return limit is { Bytes: >= 0, Messages: >= 0 } && set.RuleFor(folder) == first
                && (first is not null || limit == standard) && (first is not { Ignore: true } || limit.IsUnlimited);
        });
    });

    [Fact]
    public void Create_OneMaskOften_IsOneRule_InOrderOfFirstMention() => Check(rules =>
        RuleSet.Create(rules).Folders.Select(rule => rule.Mask)
            .SequenceEqual(rules.Where(rule => !rule.IsDefault).Select(rule => rule.Mask).Distinct()));

    [Fact]
    public void With_TheSameAgain_ChangesNothing() => CheckPairs((rules, more) =>
    {
        var once = RuleSet.Create(rules).With(more);
        return once.With(more).Equals(once) && once.With([]).Equals(once);
    });

    [Fact]
    public void With_AnyRules_KeepsForcing_AndTheOrderOfMasks() => CheckPairs((rules, more) =>
    {
        var (set, with) = (RuleSet.Create(rules), RuleSet.Create(rules).With(more));
        return with.Default?.Forced == (rules.Concat(more).Any(rule => rule.IsDefault)
                ? rules.Concat(more).Any(rule => rule.IsForced)
                : null)
            && with.Folders.Take(set.Folders.Count).Select(rule => rule.Mask)
                .SequenceEqual(set.Folders.Select(rule => rule.Mask));
    });

    [Fact]
    public void Equals_SameRules_SameHash() => Check(rules =>
    {
        var (one, other) = (RuleSet.Create(rules), RuleSet.Create(rules.Select(rule => Rule.Of(rule.ToString()))));
        return one.Equals(other) && one.GetHashCode() == other.GetHashCode();
    });

    private static bool PointsIntoIt(string text)
    {
        if (QuotaRule.TryParse(text, out var rule, out var error))
            return rule.Ignore || rule.Bytes is not null || rule.Messages is not null;
        var column = int.Parse(error["column ".Length..error.IndexOf(':', StringComparison.Ordinal)]);
        return column >= 1 && column <= text.Length + 1;
    }

    private static void Check(Func<QuotaRule[], bool> property) =>
        Prop.ForAll(Rules, property).Check(Chance.Of(100));

    private static void CheckPairs(Func<QuotaRule[], QuotaRule[], bool> property) =>
        Prop.ForAll(Rules, Rules, property).Check(Chance.Of(100));
}
