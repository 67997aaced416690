using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Core.Tests.Warnings;

public sealed class WarningEvaluatorTests
{
    private static readonly QuotaLimit Limit = new(100_000, 100);
    private WarningState _state = WarningState.Empty;
    private long _now = 1_700_000_000;

    [Fact]
    public void Evaluate_ExactlyAtTheLevel_Reaches()
    {
        var evaluator = Thresholds("storage=80%");
        Assert.Empty(Run(evaluator, 79_999));
        Assert.Equal(["storage=80%"], Run(evaluator, 80_000));
    }

    [Fact]
    public void Evaluate_LevelIsTruncated_AsDovecotDoes()
    {
        // 80 % of 11 is 8.8
        Assert.Equal(["storage=80%"], Run(Thresholds("storage=80%"), 8, new QuotaLimit(11, 0)));
    }

    [Fact]
    public void Evaluate_JumpFrom70To99_RunsOnlyTheHighestAndMarksAll()
    {
        var evaluator = Thresholds("storage=80%", "storage=95%", "storage=90%");
        Assert.Empty(Run(evaluator, 70_000));
        Assert.Equal(["storage=95%"], Run(evaluator, 99_000));
        Assert.Empty(Run(evaluator, 91_000));
        Assert.Empty(Run(evaluator, 93_000));
    }

    [Fact]
    public void Evaluate_FallenBelow_IsArmedAgain()
    {
        var evaluator = Thresholds("storage=80%");
        Assert.Single(Run(evaluator, 85_000));
        Assert.Empty(Run(evaluator, 79_000));
        Assert.Single(Run(evaluator, 85_000));
    }

    [Fact]
    public void Evaluate_FirstSight_FiresOverButNotBelow()
    {
        var evaluator = Thresholds("storage=80%", "-storage=90%");
        Assert.Equal(["storage=80%"], Run(evaluator, 85_000));
        Assert.Empty(Run(evaluator, 10_000));
    }

    [Fact]
    public void Evaluate_LeavingSeveralBelow_RunsTheLowest()
    {
        var evaluator = Thresholds("-storage=95%", "-storage=80%", "-storage=100%");
        Assert.Empty(Run(evaluator, 100_000));
        Assert.Equal(["-storage=100%"], Run(evaluator, 99_999));
        Assert.Equal(["-storage=80%"], Run(evaluator, 1));
        Assert.Empty(Run(evaluator, 0));
    }

    [Fact]
    public void Evaluate_LimitChangeAlone_Counts()
    {
        var evaluator = Thresholds("storage=80%", "-storage=80%");
        Assert.Empty(Run(evaluator, 50_000));
        Assert.Equal(["storage=80%"], Run(evaluator, 50_000, new QuotaLimit(60_000, 0)));
        Assert.Equal(["-storage=80%"], Run(evaluator, 50_000, new QuotaLimit(100_000, 0)));
    }

    [Fact]
    public void Evaluate_BecomesUnlimited_RearmsAndForgetsBelow()
    {
        var evaluator = Thresholds("storage=80%", "-storage=80%");
        Assert.Single(Run(evaluator, 90_000));
        Assert.Empty(Run(evaluator, 90_000, QuotaLimit.Unlimited));
        Assert.True(_state.IsEmpty);
        Assert.Empty(Run(evaluator, 10_000));
        Assert.Equal(["storage=80%"], Run(evaluator, 90_000));
    }

    [Fact]
    public void Evaluate_OneResourceUp_OtherDown_RunsOneEach()
    {
        var evaluator = Thresholds("storage=80%", "-messages=50%");
        Run(evaluator, 0, messages: 60);
        Assert.Equal(["storage=80%", "-messages=50%"], Run(evaluator, 80_000, messages: 10));
    }

    [Fact]
    public void Evaluate_HugeLimit_DoesNotOverflow()
    {
        var evaluator = Thresholds("storage=1000%", "storage=100%");
        Assert.Equal(["storage=100%"], Run(evaluator, long.MaxValue, new QuotaLimit(long.MaxValue, 0)));
    }

    [Fact]
    public void Evaluate_LevelOfZero_IsNeverReached()
    {
        Assert.Empty(Run(Thresholds("storage=50%"), 5, new QuotaLimit(1, 0)));
    }

    [Fact]
    public void Evaluate_NothingChanged_ReturnsTheSameState()
    {
        var evaluator = Thresholds("storage=80%");
        Run(evaluator, 85_000);
        evaluator.Evaluate(new Usage(86_000, 1), Limit, _state, _now + 5, out var next);
        Assert.Same(_state, next);
    }

    [Fact]
    public void Evaluate_ThresholdNoLongerConfigured_IsForgottenAtTheNextChange()
    {
        Run(Thresholds("storage=80%", "storage=90%"), 95_000);
        Run(Thresholds("storage=80%"), 10_000);
        Assert.True(_state.IsEmpty);
    }

    [Fact]
    public void Evaluate_SeveralLimits_AnyIsEnough_AndEachHasItsMemory()
    {
        var evaluator = Thresholds("storage=50%:messages=50%");
        Assert.Equal(["storage=50%:messages=50%"], Run(evaluator, 0, messages: 50));
        Assert.Empty(Run(evaluator, 1000, messages: 60));
        Assert.Equal(["storage=50%:messages=50%"], Run(evaluator, 50_000, messages: 60));
        Assert.Equal(["messages=50%", "storage=50%"], _state.Parts.Select(p => p.Key));
    }

    [Fact]
    public void Evaluate_Absolute_WarnsWithoutALimitToo()
    {
        var evaluator = Thresholds("storage=50%", "bytes=500", "messages=3");
        Assert.Equal(["bytes=500"], Run(evaluator, 600, QuotaLimit.Unlimited));
        Assert.Equal(["messages=3"], Run(evaluator, 600, QuotaLimit.Unlimited, messages: 3));
    }

    [Fact]
    public void Evaluate_AbsoluteAndPercent_TheHigherOfTheTwoRuns()
    {
        var evaluator = Thresholds("storage=80%", "bytes=90000", "bytes=70000");
        Assert.Equal(["bytes=90000"], Run(evaluator, 95_000));
    }

    [Fact]
    public void Evaluate_First_TakesTheFirstInOrder_OverOrBelow_AndMarksAll()
    {
        var evaluator = With(new() { Choice = WarningChoice.First },
            "storage=80%", "-messages=50%", "storage=95%", "messages=90%");
        Assert.Equal(["storage=80%"], Run(evaluator, 99_000, messages: 95));
        Assert.Empty(Run(evaluator, 98_000, messages: 95));
        Assert.Equal(["-messages=50%"], Run(evaluator, 98_000, messages: 5));
    }

    [Fact]
    public void Evaluate_Hysteresis_ArmsOverOnlyThatFarBelow()
    {
        var evaluator = With(new() { Hysteresis = 5 }, "storage=80%");
        Assert.Single(Run(evaluator, 80_000));
        Assert.Empty(Run(evaluator, 75_000));
        Assert.Empty(Run(evaluator, 80_000));
        Assert.Empty(Run(evaluator, 74_999));
        Assert.Single(Run(evaluator, 80_000));
    }

    [Fact]
    public void Evaluate_Hysteresis_AnEmptyMailboxAlwaysArms()
    {
        var evaluator = With(new() { Hysteresis = 50 }, "storage=10%");
        Assert.Single(Run(evaluator, 10_000));
        Assert.Empty(Run(evaluator, 1));
        Assert.Empty(Run(evaluator, 0));
        Assert.Single(Run(evaluator, 10_000));
    }

    [Fact]
    public void Evaluate_Hysteresis_ArmsBelowOnlyThatFarAbove_ButWhereItIsFullAtTheLatest()
    {
        var evaluator = With(new() { Hysteresis = 5 }, "-storage=80%", "-storage=98%");
        Assert.Empty(Run(evaluator, 98_000));
        Assert.Equal(["-storage=80%"], Run(evaluator, 79_000));
        Assert.Empty(Run(evaluator, 84_999));
        Assert.Empty(Run(evaluator, 79_000));
        Assert.Empty(Run(evaluator, 99_999));
        Assert.Equal(["-storage=80%"], Run(evaluator, 79_000));
        Assert.Empty(Run(evaluator, 100_000));
        Assert.Equal(["-storage=98%"], Run(evaluator, 97_999));
    }

    [Fact]
    public void Evaluate_Remind_RepeatsTheHighestStillReached_AfterThatTimeOnly()
    {
        var evaluator = With(new() { Remind = TimeSpan.FromDays(7) }, "storage=80%", "storage=95%", "-storage=50%");
        Assert.Equal(["storage=95%"], Run(evaluator, 96_000));
        _now += (7 * 24 * 3600) - 1;
        Assert.Empty(Run(evaluator, 96_000));
        _now++;
        var reminder = Assert.Single(evaluator.Evaluate(new Usage(90_000, 1), Limit, _state, _now, out _state));
        Assert.Equal(("storage=80%", true), (reminder.Rule.Key, reminder.IsReminder));
        Assert.Empty(Run(evaluator, 90_000));
        Assert.Equal(["-storage=50%"], Run(evaluator, 10_000));
        _now += 8 * 24 * 3600;
        Assert.Empty(Run(evaluator, 10_000));
    }

    [Fact]
    public void Evaluate_MemoryOfVersion1_DoesNotRemindAtOnce()
    {
        var evaluator = With(new() { Remind = TimeSpan.FromDays(7) }, "storage=80%");
        _state = WarningState.FromBytes("storage=80%"u8);
        Assert.Empty(Run(evaluator, 96_000));
        _now += 7 * 24 * 3600;
        Assert.Single(Run(evaluator, 96_000));
    }

    [Fact]
    public void Evaluate_Memory_SaysSinceWhen_AndWhoseWarningRan()
    {
        var evaluator = Thresholds("storage=80%", "storage=95%", "-storage=80%");
        Run(evaluator, 99_000);
        var since = _now;
        _now += 60;
        Run(evaluator, 10_000);
        Assert.Equal([new PartMemory("-storage=80%", PartPhase.Left, _now, true)], _state.Parts);
        Run(evaluator, 81_000);
        _now += 60;
        Run(evaluator, 96_000);
        Assert.Equal(
            [
                new("-storage=80%", PartPhase.Above, since + 60, false),
                new("storage=80%", PartPhase.Above, since + 60, true),
                new("storage=95%", PartPhase.Above, _now, true),
            ], _state.Parts);
        Assert.Equal(_state, WarningState.FromBytes(_state.ToBytes()));
        Assert.Equal([80_000, 95_000, 80_000], evaluator.Explain(new Usage(96_000, 1), Limit, _state).Select(p => (long)p.Level));
    }

    [Theory]
    [InlineData("22:00-07:00", "23:30", 7.5)]
    [InlineData("22:00-07:00", "06:30", 0.5)]
    [InlineData("22:00-07:00", "07:00", 0)]
    [InlineData("22:00-07:00", "12:00", 0)]
    [InlineData("9:00 - 17:00", "9:00", 8)]
    [InlineData("9:00-17:00", "23:00", 0)]
    public void QuietHours_SayHowLongTheyStillLast(string text, string clock, double hours)
    {
        Assert.True(QuietHours.TryParse(text, out var quiet, out var error), error);
        Assert.Equal(TimeSpan.FromHours(hours), quiet.LeftAt(TimeOnly.Parse(clock)));
    }

    [Theory]
    [InlineData("22:00")]
    [InlineData("22-7")]
    [InlineData("25:00-07:00")]
    [InlineData("07:00-07:00")]
    [InlineData("")]
    public void QuietHours_Bad_SayHow(string text)
    {
        Assert.False(QuietHours.TryParse(text, out _, out var error));
        Assert.Contains("write for example 22:00-07:00", error, StringComparison.Ordinal);
    }

    private static WarningEvaluator Thresholds(params string[] texts) => With(new(), texts);

    private static WarningEvaluator With(WarningPolicy policy, params string[] texts) =>
        new([.. texts.Select(t => WarningRule.TryParse(t, out var rule, out var error)
            ? rule
            : throw new ArgumentException(error))], policy);

    private string[] Run(WarningEvaluator evaluator, long bytes, QuotaLimit? limit = null, long messages = 1)
    {
        var warnings = evaluator.Evaluate(new Usage(bytes, messages), limit ?? Limit, _state, _now, out _state);
        return [.. warnings.Select(w => w.Rule.Key)];
    }
}
