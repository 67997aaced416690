using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Rules;

namespace MaildirQuotaWatcher.Daemon.Tests.Config;

public sealed class SettingsChangeTests
{
    [Fact]
    public void Between_EqualSettings_ChangesNothing()
    {
        var change = SettingsChange.Between(new Settings(), new Settings());
        Assert.Equal("nothing changes now", change.ToString());
    }

    [Fact]
    public void Between_BothKinds_TellsThemApart_AndKeepsWhatNeedsARestart()
    {
        var read = new Settings
        {
            Quota = new QuotaSettings { Roots = [Limited(5)], Counting = CountingChoice.Exim },
            Watching = new WatchingSettings { Workers = 3, Settle = TimeSpan.FromSeconds(9), Poll = TimeSpan.FromDays(1) },
            Scanning = new ScanningSettings { Rate = 5 },
            State = new StateSettings { Directory = "/elsewhere" },
        };

        var change = SettingsChange.Between(new Settings(), read);

        Assert.Equal(
            "changed: quota rules, rate; only after a restart: counting, settle, poll, workers, state directory",
            change.ToString());
        Assert.Equal(5, change.InForce.Quota.Roots[0].Rules.Default!.Value.Limit.Bytes);
        Assert.Equal(CountingChoice.MaildirPlusPlus, change.InForce.Quota.Counting);
        Assert.Equal(new WatchingSettings(), change.InForce.Watching);
        Assert.Equal(5, change.InForce.Scanning.Rate);
    }

    [Fact]
    public void Between_OtherSources_AreNamed_AndInForceAtOnce()
    {
        var old = WithSources("file:/a", "passwd-file:/b");
        var read = WithSources("passwd-file:username_format=%n /b", "file:/a");
        var change = SettingsChange.Between(old, read);
        Assert.Equal("changed: limit source passwd-file:username_format=%n /b added, limit source passwd-file:/b removed",
            change.ToString());
        Assert.Same(read.Limits, change.InForce.Limits);
        Assert.Equal("changed: order of limit sources",
            SettingsChange.Between(old, WithSources("passwd-file:/b", "file:/a")).ToString());
        Assert.Equal("nothing changes now", SettingsChange.Between(old, WithSources("file:/a", "passwd-file:/b")).ToString());
    }

    private static Settings WithSources(params string[] sources) => new()
    {
        Limits = new LimitSettings
        {
            Sources = [.. sources.Select(text => LimitSourceSpec.TryParse(text, out var spec, out _) ? spec : null!)],
        },
    };

    private static RootSettings Limited(long bytes) => new(RootSettings.User)
    {
        Numbered = [new QuotaRule("*", false, new RuleAmount(bytes), null)],
    };
}
