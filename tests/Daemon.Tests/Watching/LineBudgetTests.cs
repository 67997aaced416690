using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Watching;

/// <summary>A flood of lines is bounded, and what was left out is said.</summary>
public sealed class LineBudgetTests
{
    [Fact]
    public void Allows_MoreThanItsShare_LeavesOutAndSaysHowMany()
    {
        var budget = new LineBudget(perSecond: 2);

        var allowed = Enumerable.Range(0, 10).Count(_ => budget.Allows(5000, out var _));
        var later = budget.Allows(6000, out var leftOut);

        Assert.Equal(2, allowed);
        Assert.True(later);
        Assert.Equal(8, leftOut);
    }
}
