using MaildirQuotaWatcher.Testing.Goldens;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Core.Tests.Goldens;

/// <summary>Every row of <c>tests/Goldens/warnings</c>, with Dovecot's choice among several.</summary>
public sealed class WarningGoldenTests
{
    private static readonly Dictionary<string, WarningGolden> All =
        WarningGolden.Load().ToDictionary(golden => golden.Id);

    public static TheoryData<string> Cases => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Evaluate_Golden_RunsWhatDovecotRan(string id)
    {
        var golden = All[id];
        var rules = golden.Warnings.Select(text => WarningRule.TryParse(text, out var rule, out _) ? rule : null).ToArray();
        if (golden.Runs == "error")
        {
            Assert.True(Array.Exists(rules, rule => rule is null));
            return;
        }
        var evaluator = new WarningEvaluator([.. rules.Select(rule => rule!)], new() { Choice = WarningChoice.First });
        evaluator.Evaluate(golden.Before, golden.Limit, WarningState.Empty, 1000, out var state);
        var ran = evaluator.Evaluate(golden.After, golden.Limit, state, 2000, out _);
        Assert.Equal(golden.Runs, ran.SingleOrDefault()?.Rule.Command[0] ?? "none");
    }
}
