using System.Text.RegularExpressions;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing;
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
        Assert.Equal(new ConfiguredLimit(new QuotaLimit(1L << 30, 1000), true), LimitOf(settings));
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
        Assert.Equal(["storage=95%", "-storage=100%"], settings.Quota.Roots[0].Warnings.Select(t => t.Key));
        Assert.Equal(["/bin/w", "a # b"], settings.Quota.Roots[0].Warnings[0].Command);
        Assert.Equal((TimeSpan.FromMinutes(2), 9, "nobody"),
            (settings.Warnings.TimeLimit, settings.Warnings.Concurrent, settings.Warnings.User));
        Assert.Equal("/tmp/x y", settings.State.Directory);
        Assert.Equal(LogLevel.Debug, settings.Log.Level);
    }

    private static readonly IniFile Ini = IniFile.Parse("f", "");

    private static ConfiguredLimit? LimitOf(Settings settings) => settings.Quota.Roots[0].Rules.Default;

    [Fact]
    public void Read_DovecotsSettings_ByTheirNumbers()
    {
        var settings = Good("""
            [quota]
            quota_rule2 = Trash:storage=+10%%
            quota_rule = *:storage=1G:messages=1k
            quota2_warning = storage=90%% quota-warning 90 %u
            quota2_rule = *:storage=10G
            quota2 = group:Domain:by=%d
            quota_grace = 50 M
            quota_max_mail_size = 25 MB
            quota_exceeded_message = no room
            quota_over_flag_value = *TRUE
            quota_over_script = quota-warning mismatch %u
            [warnings]
            quota_warning = -storage=100%% unix:/run/x below
            per_minute = 600
            quiet_hours = 22:00-07:00
            hysteresis = 2%
            remind = 7d
            choose = first
            base_dir = /var/run/dovecot
            [limits]
            source = passwd-file:/etc/dovecot/users
            source = sql:/etc/dovecot/dovecot-sql.conf.ext
            refresh = 10m
            """);
        Assert.Equal(new ConfiguredLimit(new QuotaLimit(1L << 30, 1024), true), LimitOf(settings));
        Assert.Equal(["Trash"], settings.Quota.Roots[0].Rules.Folders.Select(rule => rule.Mask));
        Assert.Equal(["-storage=100%"], settings.Quota.Roots[0].Warnings.Select(warning => warning.Key));
        Assert.Equal("Domain", settings.Quota.Roots[1].Root.Name);
        Assert.Equal(["quota-warning", "90", "%u"], settings.Quota.Roots[1].Warnings[0].Command);
        Assert.Equal((50 << 20, 25 << 20), (settings.Quota.Roots[0].Grace.Amount.Number, settings.Quota.MaxMailSize.Bytes));
        Assert.Equal(("no room", "*TRUE"), (settings.Quota.ExceededMessage, settings.Quota.Roots[0].OverFlagValue));
        Assert.Equal((600, "22:00-07:00", 2, WarningChoice.First, "/var/run/dovecot"),
            (settings.Warnings.PerMinute, settings.Warnings.QuietHours!.ToString(), settings.Warnings.Hysteresis,
                settings.Warnings.Choice, settings.Warnings.BaseDirectory));
        Assert.Equal(TimeSpan.FromDays(7), settings.Warnings.Remind);
        Assert.Equal(["passwd-file:/etc/dovecot/users", "sql:/etc/dovecot/dovecot-sql.conf.ext"],
            settings.Limits.Sources.Select(source => source.Name));
    }

    [Theory]
    [InlineData("quota_rule = *:storage=10X", "f:2: quota_rule: column 13: Unknown unit: X")]
    [InlineData("quota_rule = *:bytes=1\nquota_rule3 = Junk:ignore", "f:3: quota_rule3: there is no quota_rule2")]
    [InlineData("limit = 1G\nquota_rule = *:storage=2G", "f:2: limit: quota_rule on line 3 is about the same limit; keep one")]
    [InlineData("quota2_rule = *:storage=1G", "f:2: quota2_rule: there is no quota2; write for example quota2 = group:")]
    [InlineData("quota2 = maildir:Other", "f:2: quota2: counts the same as the first quota root")]
    [InlineData("quota = group:Domain:by=%d", "f:2: quota: the first quota root is what maildirsize counts")]
    [InlineData("quota2_max_mail_size = 1M", "quota2_max_mail_size: is set once, for all quota roots")]
    [InlineData("quota_rull = *:storage=1G", "f:2: quota_rull: unknown key in [quota]; did you mean 'quota_rule'?")]
    [InlineData("quota_exceeded_message = </nonexistent/text", "f:2: quota_exceeded_message: /nonexistent/text cannot be read")]
    [InlineData("plugin {\n quota_rule = *:storage=1G\n}", "f:2: 'plugin {': settings of Dovecot stand here without")]
    [InlineData("quota_warning = storage=80%% warn %h", "f:2: quota_warning: unknown variable '%h'")]
    [InlineData("quota3 = group:Domain:by=%d", "f:2: quota3: there is no quota2; number them without a gap")]
    [InlineData("quota2 = group:D:by=%d\nquota3 = group:D:by=%n", "f:3: [quota] two quota roots are called 'D'")]
    [InlineData("quota2 = group:D:by=%d\nquota2_rule = Trash:ignore", "f:3: quota2_rule: a group of mailboxes has no folders")]
    [InlineData("quota2 = group:D:by=%d\nquota2_over_flag_value = T", "f:3: quota2_over_flag_value: the flag is of a user")]
    [InlineData("quota2 = maildir:A:ns=A/\nquota2_over_script = x", "f:3: quota2_over_script: needs quota2_over_flag_value")]
    [InlineData("quota_storage_size = 1G", "f:2: quota_storage_size: Dovecot 2.4's; write quota_rule = *:bytes=1G")]
    [InlineData("quota_storage_percentage = 110", "write quota_rule2 = FOLDER:storage=+10%, or in a warning quota_warning = storage=110%")]
    [InlineData("quota_mailbox_count = 5", "f:2: quota_mailbox_count: Dovecot 2.4's, and there is no word for it here")]
    [InlineData("quota_storage_percentage = 95\nquota_storage_percentage = 110", "f:2: quota_storage_percentage: Dovecot 2.4's")]
    [InlineData("execute quota-warning {", "f:2: 'execute quota-warning {': a command stands with its words in the line of")]
    [InlineData("args = 95 %{user}", "f:2: args: Dovecot 2.4's; a command stands with its words in the line of its warning")]
    [InlineData("mailbox Trash {", "f:2: 'mailbox Trash {': rules of a folder are written quota_rule2 = FOLDER:")]
    [InlineData("quota_over_flag_value = TRUE", "f:2: quota_over_flag_value: needs quota_over_script")]
    public void Read_BadQuotaSetting_NamesFileLineAndCure(string text, string expected)
    {
        var ini = IniFile.Parse("f", "[quota]\n" + text);
        var (settings, errors) = SettingsReader.Read(ini);
        Assert.Contains(errors.Concat(SettingsValidator.Check(settings, ini, null)),
            error => error.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_AllOfDovecotsPlugin_IsTaken()
    {
        var settings = Good("""
            [quota]
            quota = maildir:User quota
            quota_rule = *:storage=1G
            quota_status_success = DUNNO
            quota_status_nouser = DUNNO
            quota_status_overquota = "552 5.2.2 Mailbox is full"
            quota_status_toolarge = "552 5.2.2 Message is too large"
            quota_vsizes = yes
            quota_clone_dict = redis:host=127.0.0.1
            quota_set = dict:file:%h/q
            quota_over_flag_lazy_check = yes
            quota2 = maildir:Archive:ns=Archive/
            quota2_over_flag_value = TRUE
            quota2_over_script = quota-warning over %u
            """);
        Assert.Equal([null, "TRUE"], settings.Quota.Roots.Select(root => root.OverFlagValue));
        Assert.Equal(["quota-warning", "over", "%u"], settings.Quota.Roots[1].OverScript);
    }

    [Fact]
    public void Check_Problem_NamesItsLine()
    {
        var ini = IniFile.Parse("f", "[mailboxes]\nlocations = ~/M\n[watching]\nsettle = 1h\n[warnings]\nuser = nobody-here");
        var errors = SettingsValidator.Check(SettingsReader.Read(ini).Settings, ini, _ => false).ToArray();
        Assert.Equal([4, 6], errors.Select(error => error.Line));
    }

    [Theory]
    [InlineData("[quota]\nquota_warning = storage=80\nquota_warning2 = storage=90% /nonexistent/w", "f:3: quota_warning2: /nonexistent/w")]
    [InlineData("[quota]\nquota2 = bad\nquota3 = maildir:A:ns=A/\nquota3_over_flag_value = T", "f:4: quota3_over_flag_value: needs quota3_over_script")]
    [InlineData("[quota]\nquota2 = bad\nquota3 = maildir:A:ns=A/\nquota3_over_flag_value = T\nquota3_over_script = /nonexistent/w", "f:5: quota3_over_script: /nonexistent/w")]
    [InlineData("[warnings]\nover_flag_interval = 9s", "f:2: over_flag_interval: is shorter than 10s")]
    public void Check_ProblemBesideAnError_NamesItsOwnLine(string text, string expected)
    {
        var ini = IniFile.Parse("f", text);
        var errors = SettingsValidator.Check(SettingsReader.Read(ini).Settings, ini, null);
        Assert.Contains(errors, error => error.ToString().StartsWith(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("locations = Maildir", "f:2: locations: 'Maildir' is relative; begin with / or ~/")]
    [InlineData("locations =", "f:2: locations: names no place; write for example /var/vmail/%d/%n/Maildir")]
    public void Check_BadLocations_AreNotMissingToo(string line, string expected)
    {
        var ini = IniFile.Parse("f", $"[mailboxes]\n{line}");
        var (settings, errors) = SettingsReader.Read(ini);
        Assert.Equal(expected, Assert.Single(errors.Concat(SettingsValidator.Check(settings, ini, null))).ToString());
    }

    [Fact]
    public void Read_Nothing_GivesTheDefaults()
    {
        var settings = Good("# nothing\n\n; here\n");
        Assert.Null(LimitOf(settings));
        Assert.Equal(TimeSpan.FromMilliseconds(300), settings.Watching.Settle);
        Assert.Equal(TimeSpan.FromMinutes(5), settings.Watching.Poll);
        Assert.Equal(WatchSource.Auto, settings.Watching.Source);
        Assert.Equal("/var/lib/maildir-quota-watcher", settings.State.Directory);
    }

    [Theory]
    [InlineData("[quota]\nlimt = 1G", "f:2: limt: unknown key in [quota]; did you mean 'limit'?")]
    [InlineData("[quota]\nstorage_size = 1G", "f:2: storage_size: Dovecot 2.4's; write quota_rule = *:bytes=1G")]
    [InlineData("[state]\ndir = /x", "f:2: dir: unknown key in [state]; did you mean 'directory'?")]
    [InlineData("[scanning]\npercent = 1", "f:2: percent: unknown key in [scanning]; there are rate")]
    [InlineData("[qouta]\nlimit = 1G", "f:1: unknown section [qouta]; did you mean 'quota'?")]
    [InlineData("[quota]\nlimit = 1G\n\nlimit = 2G", "f:4: 'limit' is given twice in [quota], on lines 2 and 4")]
    [InlineData("[watching]\nsource = auto\nsource = inotify", "f:3: 'source' is given twice in [watching], on lines 2 and 3")]
    [InlineData("[quota]\nquota_warning = storage=80% a\n[warnings]\nquota_warning = storage=90% b",
        "f:4: quota_warning: stands in [quota], too, on line 2; give one of them a number")]
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
        var path = RepositoryRoot.Combine("packaging/etc/maildir-quota-watcher.conf");
        Assert.Empty(SettingsFile.Load(path).Errors);
        var lines = File.ReadAllLines(path).Select(l => IsExample(l) ? l[2..] : l);
        var (settings, errors) = SettingsReader.Read(IniFile.Parse("sample", string.Join('\n', lines)));
        Assert.Empty(errors);
        Assert.Equal(3, settings.Quota.Roots[0].Warnings.Count);
        Assert.Equal(new WatchingSettings(), settings.Watching);
        Assert.Equal(["User quota", "Archive", "Domain"], settings.Quota.Roots.Select(root => root.Root.Name));
        Assert.Equal((new StateSettings(), new LogSettings()), (settings.State, settings.Log));

        static bool IsExample(string line) => line.StartsWith("# ", StringComparison.Ordinal)
            && line.Contains(" = ", StringComparison.Ordinal) && !line.Contains(", 0 =", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("packaging/etc/maildir-quota-watcher.conf", "^(# )?{0}2? += |\"{0}\"")]
    [InlineData("packaging/man/maildir-quota-watcher.8", "^\\.B[IR]? (.*\" )?{0} \" = ")]
    public void Known_EveryKey_IsInTheSampleAndInTheManual(string file, string place)
    {
        var text = File.ReadAllText(RepositoryRoot.Combine(file));
        Assert.All(SettingsReader.Known.Values.SelectMany(keys => keys), key =>
            Assert.Matches(new Regex(place.Replace("{0}", key, StringComparison.Ordinal), RegexOptions.Multiline), text));
    }

    [Fact]
    public void Format_ReadAgain_IsTheSame()
    {
        var settings = Good("[limits]\nsource = passwd-file:username_format=%n /etc/users\n[mailboxes]\nlocations=~/Maildir\n[quota]\nlimit=5M\n[warnings]\nquota_warning=storage=80% /bin/w \"a b\" \"\"");
        var text = SettingsText.Format(settings);
        Assert.Equal(text, SettingsText.Format(Good(text)));
        Assert.Contains("source = passwd-file:username_format=%n /etc/users\n", text, StringComparison.Ordinal);
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
        var ini = IniFile.Parse("f", "[warnings]\nquota_warning = storage=80% /nonexistent/w");
        var errors = SettingsValidator.Check(SettingsReader.Read(ini).Settings, ini, null).ToArray();
        Assert.Equal(2, errors.Length);
        Assert.Contains(errors, e => e.Message.Contains("/nonexistent/w does not exist"));
    }

    [Theory]
    [InlineData("0", "poll: is 0: mailboxes whose changes the kernel does not tell of would never be right")]
    [InlineData("999ms", "poll: is shorter than 1s")]
    [InlineData("1s", null)]
    [InlineData("5min", null)]
    public void Check_Poll_IsAtLeastASecond(string poll, string? problem)
    {
        var errors = SettingsValidator.Check(Good($"[mailboxes]\nlocations = ~/M\n[watching]\npoll = {poll}"), Ini, null);
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
}
