using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Core.Tests.Rules;

/// <summary>Every set of rules of <c>tests/Goldens/rules</c>.</summary>
public sealed class RuleGoldenTests
{
    private static readonly Dictionary<string, RuleGolden> All =
        RuleGolden.Load().ToDictionary(golden => golden.Id);

    public static TheoryData<string> Right => Ids(refused: false);

    public static TheoryData<string> Wrong => Ids(refused: true);

    [Theory]
    [MemberData(nameof(Right))]
    public void RuleSet_Golden_LimitsAsDovecotDoes(string id)
    {
        var golden = All[id];
        var rules = golden.Rules.Select(Rule.Of).ToList();
        var set = RuleSet.Create(rules);

        Assert.Equal(golden.Default, set.Default);
        var standard = set.Default?.Beside(golden.Header) ?? golden.Header ?? default;
        if (golden.Applies is { } applies)
            Assert.Equal(applies, standard);
        foreach (var (name, limit) in golden.Folders)
        {
            Assert.Equal(limit is null, set.IsIgnored(name));
            Assert.Equal(limit ?? default, set.LimitFor(name, standard));
        }

        var notes = string.Join('\n', rules.SelectMany(rule => rule.Notes));
        Assert.Contains(golden.Note ?? "", notes, StringComparison.Ordinal);
        Assert.Equal(golden.Note is null, notes.Length == 0);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void TryParse_Golden_IsRefusedInDovecotsWords(string id)
    {
        var golden = All[id];

        Assert.False(QuotaRule.TryParse(golden.Rules[^1], out var rule, out var error));

        Assert.Null(rule);
        Assert.StartsWith($"column {golden.Column}: ", error, StringComparison.Ordinal);
        Assert.Contains(golden.Error!, error, StringComparison.Ordinal);
        Assert.Matches(@"; \S", error);
    }

    [Fact]
    public void Load_Folder_HoldsTheWholeTable() => Assert.True(All.Count >= 60, $"only {All.Count} cases");

    private static TheoryData<string> Ids(bool refused) =>
        [.. All.Values.Where(golden => golden.Error is not null == refused).Select(golden => golden.Id)];
}
