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
    public void Between_EveryKeyOfTheFile_IsAppliedOrNeedsARestart_NeverOverlooked()
    {
        foreach (var (section, keys) in SettingsReader.Known)
            foreach (var key in keys)
            {
                // Each has a value of its own here, that of a new key is to be added.
                var (read, errors) = SettingsReader.Read(
                    IniFile.Parse("x", $"[{section}]\n{key} = {OtherThanDefault[$"{section}.{key}"]}\n"));
                Assert.Empty(errors);
                var change = SettingsChange.Between(new Settings(), read);
                Assert.True(change.Applied.Count + change.NeedRestart.Count > 0, $"[{section}] {key}");
                Assert.Equal(
                    change.NeedRestart.Count == 0, SettingsText.Format(read) == SettingsText.Format(change.InForce));
            }
    }

    [Fact]
    public void Between_OverFlags_AreAppliedAtOnce()
    {
        var flagged = new RootSettings(RootSettings.User) { OverFlagValue = "TRUE", OverScript = ["/bin/true"] };
        var read = new Settings { Quota = new QuotaSettings { Roots = [flagged] } };
        var change = SettingsChange.Between(new Settings(), read);
        Assert.Equal("changed: quota_over_flag_value, quota_over_script", change.ToString());
        Assert.Same(flagged, change.InForce.Quota.Roots[0]);
        Assert.Equal("nothing changes now", SettingsChange.Between(change.InForce, read).ToString());
        var group = new RootSettings(new QuotaRoot("Domain", QuotaRootKind.Group));
        var grouped = new Settings { Quota = new QuotaSettings { Roots = [flagged, group] } };
        Assert.Equal("changed: quota rules", SettingsChange.Between(read, grouped).ToString());
    }

    private static readonly Dictionary<string, string> OtherThanDefault = new()
    {
        ["mailboxes.locations"] = "/m/%u",
        ["quota.limit"] = "1G",
        ["quota.messages"] = "5",
        ["quota.counting"] = "exim",
        ["quota.trust_names"] = "no",
        ["quota.create"] = "no",
        ["quota.quota"] = "maildir:Mine",
        ["quota.quota_rule"] = "*:storage=1G",
        ["quota.quota_warning"] = "storage=80% /bin/true",
        ["quota.quota_grace"] = "5%",
        ["quota.quota_max_mail_size"] = "5M",
        ["quota.quota_exceeded_message"] = "full",
        ["quota.quota_over_flag_value"] = "TRUE",
        ["quota.quota_over_script"] = "/bin/true",
        ["limits.source"] = "file:/x",
        ["limits.refresh"] = "2h",
        ["watching.settle"] = "1s",
        ["watching.poll"] = "1m",
        ["watching.mode"] = "observe",
        ["watching.source"] = "inotify",
        ["watching.workers"] = "3",
        ["scanning.rate"] = "5",
        ["warnings.quota_warning"] = "storage=80% /bin/true",
        ["warnings.time_limit"] = "5s",
        ["warnings.concurrent"] = "2",
        ["warnings.user"] = "nobody",
        ["warnings.per_minute"] = "5",
        ["warnings.quiet_hours"] = "22:00-07:00",
        ["warnings.hysteresis"] = "5",
        ["warnings.remind"] = "1h",
        ["warnings.choose"] = "first",
        ["warnings.base_dir"] = "/run/d",
        ["warnings.over_flag_interval"] = "1m",
        ["state.directory"] = "/s",
        ["log.level"] = "debug",
    };

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
