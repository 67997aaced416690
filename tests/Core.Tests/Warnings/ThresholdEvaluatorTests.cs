using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Core.Tests.Warnings;

public sealed class ThresholdEvaluatorTests
{
    private static readonly QuotaLimit Limit = new(100_000, 100);
    private WarningState _state = WarningState.Empty;

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
        evaluator.Evaluate(new Usage(86_000, 1), Limit, _state, out var next);
        Assert.Same(_state, next);
    }

    [Fact]
    public void Evaluate_ThresholdNoLongerConfigured_IsForgottenAtTheNextChange()
    {
        Run(Thresholds("storage=80%", "storage=90%"), 95_000);
        Run(Thresholds("storage=80%"), 10_000);
        Assert.True(_state.IsEmpty);
    }

    private static ThresholdEvaluator Thresholds(params string[] texts) =>
        new([.. texts.Select(t => Threshold.TryParse(t, out var threshold, out var error)
            ? threshold
            : throw new ArgumentException(error))]);

    private string[] Run(ThresholdEvaluator evaluator, long bytes, QuotaLimit? limit = null, long messages = 1)
    {
        var warnings = evaluator.Evaluate(new Usage(bytes, messages), limit ?? Limit, _state, out _state);
        return [.. warnings.Select(w => w.Threshold.Key)];
    }
}
