using MaildirQuotaWatcher.Control;

namespace MaildirQuotaWatcher.Daemon.Tests.Control;

public sealed class StartPlanTests
{
    [Fact]
    public void ToString_LimitTooLow_SaysWhatIsNeededAndWhatToType() => Assert.Equal(
        "plan: 100,000 mailboxes, 600,000 folders, 1,200,000 message directories; events from inotify, " +
        "1,300,000 watches needed of 192,536 allowed (fs.inotify.max_user_watches), kernel memory about 2.5 GB; " +
        "that limit is too low: raise it with: sysctl -w fs.inotify.max_user_watches=1600000; " +
        "for good write fs.inotify.max_user_watches=1600000 into /etc/sysctl.d/60-maildir-quota-watcher.conf",
        new StartPlan(100_000, 600_000, 1_200_000, 1_300_000, "inotify", 192_536).ToString());

    [Fact]
    public void ToString_LimitSuffices_HasNoCure() => Assert.Equal(
        "plan: 1 mailbox, 1 folder, 2 message directories; events from inotify, 3 watches needed of 8,192 allowed " +
        "(fs.inotify.max_user_watches), kernel memory about 6 KB",
        new StartPlan(1, 1, 2, 3, "inotify", 8192).ToString());

    [Fact]
    public void ToString_LimitUnknown_ClaimsNothing()
    {
        var plan = new StartPlan(1000, 6000, 12_000, 13_000, "inotify", 0);
        Assert.False(plan.IsBeyondLimit);
        Assert.EndsWith("13,000 watches needed, kernel memory about 25 MB", plan.ToString());
    }

    [Fact]
    public void ToString_NoWatches_SaysSo() => Assert.EndsWith(
        "events from fanotify, no watches needed", new StartPlan(10, 60, 120, 0, "fanotify", 5).ToString());

    [Theory]
    [InlineData(8192, 8192, false)]
    [InlineData(8193, 8192, true)]
    public void IsBeyondLimit_AtTheLimit_IsStillWithin(long watches, long limit, bool beyond) =>
        Assert.Equal(beyond, new StartPlan(1, 1, 2, watches, "inotify", limit).IsBeyondLimit);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(82, 98)]
    [InlineData(83, 99)]
    [InlineData(84, 100)]
    [InlineData(1_000_001, 1_300_000)]
    [InlineData(200_000, 240_000)]
    public void AdvisedLimit_Watches_IsAFifthMoreAndRound(long watches, long advised) =>
        Assert.Equal(advised, new StartPlan(1, 1, 2, watches, "inotify", 1).AdvisedLimit);
}
