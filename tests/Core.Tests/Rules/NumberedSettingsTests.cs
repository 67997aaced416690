using MaildirQuotaWatcher.Rules;

namespace MaildirQuotaWatcher.Core.Tests.Rules;

public sealed class NumberedSettingsTests
{
    private readonly List<NumberedProblem<int>> _problems = [];

    [Fact]
    public void Order_AnyPlace_ComesByNumber()
    {
        Assert.Equal(["a", "b", "c"], Order("quota_rule3=c", "quota_rule=a", "other=x", "quota_rule2=b"));
        Assert.Empty(_problems);
    }

    [Fact]
    public void Order_MoreThanNine_ComesByNumberNotByText()
    {
        var settings = Enumerable.Range(1, 12).Select(n => n == 1 ? "quota_rule=1" : $"quota_rule{n}={n}").Reverse();
        Assert.Equal(Enumerable.Range(1, 12).Select(n => $"{n}"), Order([.. settings]));
        Assert.Empty(_problems);
    }

    [Fact]
    public void Order_Hole_IsToldAtTheSettingBehindIt_AndNothingIsLost()
    {
        Assert.Equal(["a", "d", "e"], Order("quota_rule=a", "quota_rule4=d", "quota_rule5=e"));
        var problem = Assert.Single(_problems);
        Assert.Equal(("quota_rule4", 2, true), (problem.Key, problem.Place, problem.IsHole));
        Assert.StartsWith("quota_rule2 is missing before quota_rule4", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Order_FirstIsMissing_IsAHole()
    {
        Assert.Equal(["b"], Order("quota_rule2=b"));
        Assert.StartsWith("quota_rule is missing", Assert.Single(_problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Order_Twice_IsAnErrorAndTheFirstStays()
    {
        Assert.Equal(["a", "b"], Order("quota_rule=a", "quota_rule2=b", "quota_rule2=c"));
        var problem = Assert.Single(_problems);
        Assert.Equal(("quota_rule2", 3, false), (problem.Key, problem.Place, problem.IsHole));
    }

    [Theory]
    [InlineData("quota_rule1")]
    [InlineData("quota_rule0")]
    [InlineData("quota_rule02")]
    [InlineData("quota_rule99999999999999999999")]
    public void Order_NumberThatIsNeverRead_IsAnError(string key)
    {
        Assert.Empty(Order($"{key}=x"));
        var problem = Assert.Single(_problems);
        Assert.Equal((key, false), (problem.Key, problem.IsHole));
        Assert.StartsWith($"{key} is not read", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quota2_rule", "quota2_rule", true)]
    [InlineData("quota2_rule", "quota2_rule7", true)]
    [InlineData("quota_rule", "quota2_rule", false)]
    [InlineData("quota_rule", "quota_rules", false)]
    [InlineData("quota", "quota2", true)]
    [InlineData("quota", "quota_rule", false)]
    public void IsKey_OtherSettings_DoNotBelong(string prefix, string key, bool belongs) =>
        Assert.Equal(belongs, NumberedSettings.IsKey(prefix, key));

    /// <summary>Places are 1, 2, 3 in the order given.</summary>
    private IEnumerable<string> Order(params string[] settings) => NumberedSettings
        .Order("quota_rule", settings.Select((s, i) => (s.Split('=')[0], s.Split('=')[1], i + 1)), _problems)
        .Select(setting => setting.Value);
}
