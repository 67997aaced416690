using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Daemon.Tests.Config;

public sealed class SettingsReaderTests
{
    [Fact]
    public void Read_Everything_IsUnderstood()
    {
        var settings = Good("""
            [mailboxes]
            locations = /var/vmail/%d/%n/Maildir, ~/Maildir   # two
            locations = /srv/one
            [quota]
            limit = 1G
            messages = 1000
            counting = Dovecot
            trust_names = no
            create = no
            [watching]
            settle = 2s
            poll = 1h
            mode = observe
            source = fanotify
            workers = 3
            [scanning]
            rate = 2000
            [warnings]
            quota_warning = storage=95%% /bin/w "a # b"  ; comment
            quota_warning2 = -storage=100% quota-warning 80 %u
            time_limit = 2m
            concurrent = 9
            user = nobody
            [state]
            directory = "/tmp/x y"
            [log]
            level = debug
            """);
        Assert.Equal(["/var/vmail/%d/%n/Maildir", "~/Maildir", "/srv/one"], settings.Mailboxes.Locations.Select(l => l.Text));
        Assert.Equal(new QuotaLimit(1L << 30, 1000), settings.Quota.Limit);
        Assert.Equal((CountingChoice.Dovecot, false, false),
            (settings.Quota.Counting, settings.Quota.TrustNames, settings.Quota.Create));
        Assert.Equal(new WatchingSettings
            {
                Settle = TimeSpan.FromSeconds(2),
                Poll = TimeSpan.FromHours(1),
                Mode = WatchMode.Observe,
                Source = WatchSource.Fanotify,
                Workers = 3,
            },
            settings.Watching);
        Assert.Equal(2000, settings.Scanning.Rate);
        Assert.Equal(["storage=95%", "-storage=100%"], settings.Warnings.Thresholds.Select(t => t.Key));
        Assert.Equal(["/bin/w", "a # b"], settings.Warnings.Thresholds[0].Command);
        Assert.Equal((TimeSpan.FromMinutes(2), 9, "nobody"),
            (settings.Warnings.TimeLimit, settings.Warnings.Concurrent, settings.Warnings.User));
        Assert.Equal("/tmp/x y", settings.State.Directory);
        Assert.Equal(LogLevel.Debug, settings.Log.Level);
    }

    [Fact]
    public void Read_Nothing_GivesTheDefaults()
    {
        var settings = Good("# nothing\n\n; here\n");
        Assert.Null(settings.Quota.Limit);
        Assert.Equal(TimeSpan.FromMilliseconds(300), settings.Watching.Settle);
        Assert.Equal(TimeSpan.FromMinutes(5), settings.Watching.Poll);
        Assert.Equal(WatchSource.Auto, settings.Watching.Source);
        Assert.Equal("/var/lib/maildir-quota-watcher", settings.State.Directory);
    }

    [Theory]
    [InlineData("[quota]\nlimt = 1G", "f:2: limt: unknown key in [quota]; did you mean 'limit'?")]
    [InlineData("[qouta]\nlimit = 1G", "f:1: unknown section [qouta]; did you mean [quota]?")]
    [InlineData("[quota]\nlimit = 1G\n\nlimit = 2G", "f:4: 'limit' is given twice in [quota], on lines 2 and 4")]
    [InlineData("[quota]\nlimit = 1X", "f:2: limit: '1X' is not a size")]
    [InlineData("[quota]\ncounting = courier", "write maildir++, dovecot or exim")]
    [InlineData("[watching]\nsettle = 300", "f:2: settle: '300' is not a duration; write for example 300ms")]
    [InlineData("[watching]\nsource = dnotify", "f:2: source: 'dnotify' is not known here; write auto, inotify or fanotify")]
    [InlineData("[watching]\nworkers = -1", "f:2: workers: '-1' is not a whole number from 0 to 1024")]
    [InlineData("[watching]\nrate = 5", "f:2: rate: belongs in [scanning], not in [watching]")]
    [InlineData("[scanning]\nrate = fast", "f:2: rate: 'fast' is not a whole number from 0 to")]
    [InlineData("[warnings]\nquota_warning = storage=80% exec:http://w", "f:2: quota_warning: column 13: 'http://w' is not")]
    [InlineData("[warnings]\nquota_warning = storage=80%", "no command")]
    [InlineData("[warnings]\nquota_warning = storage=80% /a\nquota_warning2 = storage=80%% /b", "f:3: quota_warning2: storage=80% already")]
    [InlineData("[mailboxes]\nlocations = Maildir", "f:2: locations: 'Maildir' is relative")]
    [InlineData("[state]\ndirectory = x", "f:2: directory: 'x' is not an absolute path")]
    [InlineData("[quota]\nnonsense", "f:2: 'nonsense' is not a setting; write key = value")]
    [InlineData("limit = 1G", "f:1: 'limit' stands before any section")]
    [InlineData("[quota", "f:1: a section is written [name]")]
    [InlineData("[state]\ndirectory = \"/x", "f:2: a double quote")]
    public void Read_Bad_NamesFileLineAndCure(string text, string expected)
    {
        var (_, errors) = SettingsReader.Read(IniFile.Parse("f", text));
        Assert.Contains(errors, e => e.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_SeveralErrors_AreAllReported()
    {
        var (_, errors) = SettingsReader.Read(IniFile.Parse("f", "[quota]\nlimit = x\nmessages = y\n[watching]\nmode = z"));
        Assert.Equal([2, 3, 5], errors.Select(e => e.Line));
    }

    [Fact]
    public void Load_TheSample_IsFine_AndSoAreItsExamplesUncommented()
    {
        var path = FindSample();
        Assert.Empty(SettingsFile.Load(path).Errors);
        var lines = File.ReadAllLines(path).Select(l => IsExample(l) ? l[2..] : l);
        var (settings, errors) = SettingsReader.Read(IniFile.Parse("sample", string.Join('\n', lines)));
        Assert.Empty(errors);
        Assert.Equal(4, settings.Warnings.Thresholds.Count);
        Assert.Equal(new WatchingSettings(), settings.Watching);
        Assert.Equal(new QuotaSettings { Limit = settings.Quota.Limit }, settings.Quota);
        Assert.Equal((new StateSettings(), new LogSettings()), (settings.State, settings.Log));

        static bool IsExample(string line) => line.StartsWith("# ", StringComparison.Ordinal)
            && line.Contains(" = ", StringComparison.Ordinal) && !line.Contains(", 0 =", StringComparison.Ordinal);
    }

    [Fact]
    public void Format_ReadAgain_IsTheSame()
    {
        var settings = Good("[mailboxes]\nlocations=~/Maildir\n[quota]\nlimit=5M\n[warnings]\nquota_warning=storage=80% /bin/w \"a b\" \"\"");
        var text = SettingsText.Format(settings);
        Assert.Equal(text, SettingsText.Format(Good(text)));
    }

    [Fact]
    public void Load_Missing_IsAnErrorWithACure()
    {
        var error = Assert.Single(SettingsFile.Load("/nonexistent/x.conf").Errors);
        Assert.Contains("--config", error.ToString());
    }

    [Fact]
    public void Check_MissingScriptAndLocations_AreBothReported()
    {
        var errors = SettingsValidator.Check(Good("[warnings]\nquota_warning = storage=80% /nonexistent/w"), "f").ToArray();
        Assert.Equal(2, errors.Length);
        Assert.Contains(errors, e => e.Message.Contains("/nonexistent/w does not exist"));
    }

    [Theory]
    [InlineData("0", "poll is 0: mailboxes whose changes the kernel does not tell of would never be right")]
    [InlineData("999ms", "poll is shorter than 1s")]
    [InlineData("1s", null)]
    [InlineData("5min", null)]
    public void Check_Poll_IsAtLeastASecond(string poll, string? problem)
    {
        var errors = SettingsValidator.Check(Good($"[mailboxes]\nlocations = ~/M\n[watching]\npoll = {poll}"), "f");
        if (problem is null)
            Assert.Empty(errors);
        else
            Assert.Contains(problem, Assert.Single(errors).Message);
    }

    private static Settings Good(string text)
    {
        var (settings, errors) = SettingsReader.Read(IniFile.Parse("f", text));
        Assert.Empty(errors);
        return settings;
    }

    private static string FindSample()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "MaildirQuotaWatcher.sln"))) directory = directory.Parent;
        return Path.Combine(directory.FullName, "packaging/etc/maildir-quota-watcher.conf");
    }
}
