using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

public sealed class ScanPaceTests
{
    [Fact]
    public void Spend_WithARate_PutsOffTheNextBatch_AndIdleTimeEarnsNothing()
    {
        var pace = new ScanPace(background: true, perSecond: 1000);
        Assert.Equal(0, pace.DueAt);

        pace.Spend(700, now: 5000);
        Assert.Equal(5700, pace.DueAt);
        // Another worker, at the same moment.
        pace.Spend(300, now: 5000);
        Assert.Equal(6000, pace.DueAt);

        pace.Spend(1, now: 60_000);
        Assert.Equal(60_001, pace.DueAt);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(333)]
    [InlineData(100_000)]
    public void Spend_InAnyBatches_ComesToTheRate(long rate)
    {
        var pace = new ScanPace(background: true, rate);
        var random = new Random(7);
        var (clock, entries) = (1_000_000L, 0L);
        for (var batch = 0; batch < 1000; batch++)
        {
            clock = Math.Max(clock, pace.DueAt);
            var read = random.Next(1, 2731);
            pace.Spend(read, clock);
            entries += read;
        }

        var seconds = (pace.DueAt - 1_000_000) / 1000.0;
        // Never above it; a little below, for a batch waits for a whole millisecond.
        Assert.InRange(entries / seconds, rate * 0.95, rate * 1.0001);
    }

    [Fact]
    public void PerSecond_Changed_ForgetsWhatWasSpent()
    {
        var pace = new ScanPace(background: true, perSecond: 1);
        pace.Spend(1_000_000, now: 1000);

        pace.PerSecond = 0;

        Assert.Equal(0, pace.DueAt);
        pace.Spend(1_000_000, now: 1000);
        Assert.Equal(0, pace.DueAt);
    }

    [Fact]
    public void Watch_WhileAScanWaits_OtherMailboxesGoOn_UntilTheRateIsLifted()
    {
        using var scratch = new ScratchDirectory();
        var (large, small) = (scratch.FullName + "/large", scratch.FullName + "/small");
        LiveWatch.MakeMaildir(large);
        LiveWatch.MakeMaildir(small);
        using var live = new LiveWatch(new MailWatchOptions { Background = true }, large, small);
        live.Watch.SetScanRate(1);

        // Two halves of a folder: what the first of them costs is paid for in minutes.
        LiveWatch.MakeMaildir(scratch.FullName + "/folder");
        foreach (var half in (string[])["new", "cur"])
            for (var i = 0; i < 500; i++)
                File.WriteAllText($"{scratch.FullName}/folder/{half}/{i}.a.h,S=3", "");
        Directory.Move(scratch.FullName + "/folder", large + "/.Folder");
        File.WriteAllText(small + "/new/1.a.h,S=7", "");
        live.WaitUntil(small, new Usage(7, 1));
        live.Settle();
        Assert.Equal(0, live.Last(large)!.After.Messages);

        live.Watch.SetScanRate(0);

        live.WaitUntil(large, new Usage(3000, 1000));
    }
}
