using MaildirQuotaWatcher.Daemon.Tests.State;
using Microsoft.Data.Sqlite;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Daemon.Tests.Running;

/// <summary>Rules, roots and limits of single users in the service, end to end, and the commands about them.</summary>
public sealed class QuotaServiceTests : IDisposable
{
    private readonly ServiceFixture _fixture = new();

    public QuotaServiceTests() =>
        _fixture.WriteScript($"echo \"$* $MQW_DIRECTION $MQW_PERCENT [$MQW_ROOT]\" >> {_fixture.At("said")}");

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void LimitsFile_Changes_AreInForceAtOnce()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=60000", 60_000);
        Limits("rj@a.org *:bytes=200000");
        Configure($"""
            quota_rule = *:bytes=100000
            quota_warning = storage=80%% {_fixture.At("warn")}
            """, "file");
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(mailbox, "200000S", 60_000, 1, service);
        Assert.Empty(Said);
        const string Remark = "test.conf:4: remark: quota_rule: bytes=100000 has no unit";
        service.AwaitLine(Remark);

        Limits("rj@a.org *:bytes=70000");
        ServiceFixture.AwaitLedger(mailbox, "70000S", 60_000, 1, service);
        Poll.Until(() => Said is ["80 rj@a.org over 85 []"], service.Describe);

        Limits("");
        ServiceFixture.AwaitLedger(mailbox, "100000S", 60_000, 1, service);
        Assert.Single(service.Lines, line => line.Contains(Remark, StringComparison.Ordinal));
    }

    [Fact]
    public void Start_SourceAnswersBeforeAllMailboxesAreFound_TheLimitHolds()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        for (var i = 0; i < 3000; i++)
            Directory.CreateDirectory(_fixture.At($"many/{i}"));
        Limits("rj@a.org *:bytes=200000");
        Configure("quota_rule = *:bytes=100000", "file");
        File.WriteAllText(_fixture.Config, File.ReadAllText(_fixture.Config)
            .Replace("/Maildir\n", $"/Maildir, {_fixture.At("many")}/%u/Maildir\n"));
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(mailbox, "200000S", 0, 0, service);
    }

    [Fact]
    public void Reload_OtherRootsAndLimit_NobodyIsJudgedByTheOneWithTheUsageOfTheOther()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        _fixture.MakeMailbox("a.org/rj/Maildir/.Archive");
        ServiceFixture.Deliver($"{mailbox}/.Archive", "1.a.h,S=60000", 60_000);
        Configure("""
            quota_rule = *:bytes=70000
            quota2 = maildir:Archive:ns=Archive/
            quota3 = maildir:Sent:ns=Sent/
            """);
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(mailbox, "70000S", 60_000, 1, service);

        Configure($"""
            quota_rule = *:bytes=100000
            quota_warning = storage=50%% {_fixture.At("warn")}
            quota_warning2 = storage=80%% {_fixture.At("warn")}
            quota2 = maildir:Sent:ns=Sent/
            quota2_rule = *:bytes=70000
            quota2_warning = storage=80%% {_fixture.At("warn")}
            """);
        service.Signal(Signum.SIGHUP);
        ServiceFixture.AwaitLedger(mailbox, "100000S", 60_000, 1, service);
        Poll.Until(() => Said.Length > 0, service.Describe);
        Assert.Equal(["50 rj@a.org over 60 []"], Said);
    }

    [Fact]
    public void Refresh_ChangedDatabase_IsAskedAgainNow()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        Database("CREATE TABLE users (name TEXT, rule TEXT); INSERT INTO users VALUES ('rj@a.org', '*:bytes=5000')");
        File.WriteAllText(_fixture.At("sql.conf"), $"""
            driver = sqlite
            connect = {_fixture.At("users.db")}
            user_query = SELECT rule AS quota_rule FROM users WHERE name = '%u'
            """);
        Configure("quota_rule = *:bytes=100000", $"sql:{_fixture.At("sql.conf")}");
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(mailbox, "5000S", 0, 0, service);

        Database("UPDATE users SET rule = '*:bytes=7000'");
        using var refresh = _fixture.Command("refresh", "rj@a.org");
        Assert.Equal(0, refresh.End());
        Assert.Equal(["rj@a.org: quota_rule=*:bytes=7000"], refresh.Lines);
        ServiceFixture.AwaitLedger(mailbox, "7000S", 0, 0, service);
    }

    [Fact]
    public void Reload_OtherSources_AreAskedFromThenOn_AndOneThatIsDownChangesNothing()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        Limits("rj@a.org *:bytes=200000");
        File.WriteAllText(_fixture.At("users"), "rj@a.org:x:1:1::/h::userdb_quota_rule=*:bytes=70000\n");
        Configure("quota_rule = *:bytes=100000");
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(mailbox, "100000S", 0, 0, service);

        Configure("quota_rule = *:bytes=100000", "file");
        service.Signal(Signum.SIGHUP);
        ServiceFixture.AwaitLedger(mailbox, "200000S", 0, 0, service);
        service.AwaitLine($"loaded again; changed: limit source file:{_fixture.At("limits")} added");
        Limits("rj@a.org *:bytes=300000");
        ServiceFixture.AwaitLedger(mailbox, "300000S", 0, 0, service);

        var (users, missing) = ($"passwd-file:{_fixture.At("users")}", $"file:{_fixture.At("missing")}");
        Configure("quota_rule = *:bytes=100000", missing);
        service.Signal(Signum.SIGHUP);
        service.AwaitLine($"{missing} does not answer");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=100", 100);
        ServiceFixture.AwaitLedger(mailbox, "300000S", 100, 1, service);

        Configure("no_such_key = 1", users);
        service.Signal(Signum.SIGHUP);
        service.AwaitLine("was not loaded; the settings of before stay in force");

        Configure("quota_rule = *:bytes=100000", users);
        service.Signal(Signum.SIGHUP);
        ServiceFixture.AwaitLedger(mailbox, "70000S", 100, 1, service);
        service.AwaitLine($"changed: limit source {users} added, limit source {missing} removed");

        Configure("quota_rule = *:bytes=100000");
        service.Signal(Signum.SIGHUP);
        ServiceFixture.AwaitLedger(mailbox, "100000S", 100, 1, service);
    }

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public void Start_FullStateDisk_WatchesAllTheSame_AndSaysWhenItWorksAgain(string type)
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=85000", 85_000);
        Limits("rj@a.org *:bytes=100000");
        Configure($"quota_rule = *:bytes=200000\nquota_warning = storage=80% {_fixture.At("warn")}", "file");
        using var disk = new SmallDisk(_fixture.At("state"), type);
        using (var before = _fixture.StartReady())
        {
            Poll.Until(() => Said.Length == 1, before.Describe);
            before.Signal(Signum.SIGTERM);
            Assert.Equal(0, before.End());
        }

        disk.Fill();
        File.Delete(_fixture.At("limits"));
        using var service = _fixture.StartReady();
        ServiceFixture.Deliver(mailbox, "2.a.h,S=100", 100);
        ServiceFixture.AwaitLedger(mailbox, "100000S", 85_100, 2, service);
        disk.Free();
        service.Signal(Signum.SIGTERM);
        Assert.Equal(0, service.End());
        foreach (var name in (string[])["state.db", "totals.db"])
            Assert.Single(service.Lines, line => line.Contains($"{_fixture.At("state")}/{name}:", StringComparison.Ordinal));
        Assert.Single(Said);
        Assert.Contains(service.Lines, line => line.Contains("totals.db", StringComparison.Ordinal)
            && line.Contains("can be written again", StringComparison.Ordinal));
        Assert.True(new FileInfo($"{_fixture.At("state")}/totals.db").Length > 4096);
    }

    [Fact]
    public void LimitsFile_WrittenSlowlyInPlace_IsReadWhenItIsWhole()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        Limits("rj@a.org *:bytes=200000");
        Configure("quota_rule = *:bytes=100000", "file");
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(mailbox, "200000S", 0, 0, service);
        using (var writer = new StreamWriter(_fixture.At("limits")) { AutoFlush = true })
        {
            writer.Write("anna@a.org *:bytes=1000\n");
            using var refresh = _fixture.Command("refresh");
            Assert.Equal(3, refresh.End());
            Assert.Contains("is being written", refresh.Describe(), StringComparison.Ordinal);
            ServiceFixture.Deliver(mailbox, "1.a.h,S=100", 100);
            ServiceFixture.AwaitLedger(mailbox, "200000S", 100, 1, service);
            writer.Write("rj@a.org *:bytes=300000\n");
        }

        ServiceFixture.AwaitLedger(mailbox, "300000S", 100, 1, service);
        Assert.DoesNotContain("does not answer", service.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void LimitsFile_FarFewerUsers_ChangesNothing_UntilRefreshForce()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        Limits("rj@a.org *:bytes=200000\n" + string.Concat(Enumerable.Range(0, 9).Select(i => $"u{i}@a.org *:bytes=1\n")));
        Configure("quota_rule = *:bytes=100000", "file");
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(mailbox, "200000S", 0, 0, service);
        Limits("u1@a.org *:bytes=1");
        service.AwaitLine("speaks of 1 users and domains, before it was 10");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=100", 100);
        ServiceFixture.AwaitLedger(mailbox, "200000S", 100, 1, service);

        using var refresh = _fixture.Command("refresh", "--force");
        Assert.Equal(0, refresh.End());
        ServiceFixture.AwaitLedger(mailbox, "100000S", 100, 1, service);
    }

    [Fact]
    public void Refresh_NoService_SaysSo()
    {
        Configure("quota_rule = *:bytes=100000", "file");
        using var refresh = _fixture.Command("refresh");
        Assert.Equal(1, refresh.End());
        Assert.Contains("no service answers", refresh.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Group_SumOfItsMailboxes_Warns()
    {
        var (one, other) = (_fixture.MakeMailbox("a.org/rj/Maildir"), _fixture.MakeMailbox("a.org/anna/Maildir"));
        var apart = _fixture.MakeMailbox("b.org/rj/Maildir");
        foreach (var mailbox in (string[])[one, other, apart])
            ServiceFixture.Deliver(mailbox, "1.a.h,S=30000", 30_000);
        Configure($"""
            quota2 = group:Domain:by=%d
            quota2_rule = *:bytes=100000
            quota2_warning = storage=80%% {_fixture.At("warn")}
            quota2_warning2 = -storage=80%% {_fixture.At("warn")}
            """);
        using var service = _fixture.StartReady();
        Assert.Empty(Said);

        ServiceFixture.Deliver(other, "2.a.h,S=25000", 25_000);
        Poll.Until(() => Said is ["80 a.org over 85 [Domain]"], service.Describe);
        using var explain = _fixture.Command("explain", "anna@a.org");
        Assert.Equal(0, explain.End());
        Assert.Contains("Domain a.org: 83 KB, 3 messages; 85 % of 97.7 KB", explain.Describe(), StringComparison.Ordinal);

        Directory.Delete(one, recursive: true);
        Poll.Until(() => Said is [_, "80 a.org under 55 [Domain]"], service.Describe);
    }

    [Fact]
    public void OverFlag_ThatIsWrong_IsCorrectedByItsScript()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=900", 900);
        File.WriteAllText(_fixture.At("users"), "rj@a.org:x:1:1::/h::userdb_quota_over_flag=FALSE\n");
        // What a site's script does: it sets the flag where the flag is kept.
        _fixture.WriteScript($"""
            echo "$*" >> {_fixture.At("said")}
            case $2 in TRUE) flag=FALSE;; *) flag=TRUE;; esac
            echo "rj@a.org:x:1:1::/h::userdb_quota_over_flag=$flag" > {_fixture.At("users.new")}
            mv {_fixture.At("users.new")} {_fixture.At("users")}
            """);
        Configure($"""
            quota_rule = *:bytes=2048
            quota_over_flag_value = TRUE
            quota_over_script = exec:{_fixture.At("warn")} %u
            """, $"passwd-file:{_fixture.At("users")}");
        using var service = _fixture.StartReady();
        Assert.Empty(Said);

        ServiceFixture.Deliver(mailbox, "2.a.h,S=1500", 1500);
        Poll.Until(() => Said is ["rj@a.org FALSE"], service.Describe);
        File.Delete(Path.Combine(mailbox, "new", "2.a.h,S=1500"));
        Poll.Until(() => Said is [_, "rj@a.org TRUE"], service.Describe);
    }

    [Fact]
    public void Reload_OverFlagAndScript_TakeEffectAtOnce_AlsoOfARootThatHasMoved()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        ServiceFixture.Deliver(_fixture.MakeMailbox("a.org/rj/Maildir/.Archive"), "1.a.h,S=3000", 3000);
        File.WriteAllText(_fixture.At("users"), "rj@a.org:x:1:1::/h::userdb_quota2_over_flag=FALSE "
            + "userdb_quota3_over_flag=NO\n");
        _fixture.WriteScript($"echo \"$*\" >> {_fixture.At("said")}");
        var source = $"passwd-file:{_fixture.At("users")}";
        Configure("""
            quota_rule = *:bytes=9000000
            quota2 = maildir:Archive:ns=Archive/
            quota2_rule = *:bytes=2048
            """, source);
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(mailbox, "9000000S", 3000, 1, service);
        Assert.Empty(Said);

        Configure($"""
            quota_rule = *:bytes=9000000
            quota2 = maildir:Archive:ns=Archive/
            quota2_rule = *:bytes=2048
            quota2_over_flag_value = TRUE
            quota2_over_script = exec:{_fixture.At("warn")} one %u
            """, source);
        service.Signal(Signum.SIGHUP);
        service.AwaitLine("changed: quota_over_flag_value, quota_over_script");
        Poll.Until(() => Said is ["one rj@a.org FALSE"], service.Describe);

        Configure($"""
            quota_rule = *:bytes=9000000
            quota2 = maildir:Sent:ns=Sent/
            quota3 = maildir:Archive:ns=Archive/
            quota3_rule = *:bytes=2048
            quota3_over_flag_value = YES
            quota3_over_script = exec:{_fixture.At("warn")} two %u
            """, source);
        service.Signal(Signum.SIGHUP);
        Poll.Until(() => Said is [_, "two rj@a.org NO"], service.Describe);
    }

    [Fact]
    public void OverFlag_OfAnotherRoot_IsComparedWithTheUsageOfItsFolders()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        var archive = _fixture.MakeMailbox("a.org/rj/Maildir/.Archive");
        File.WriteAllText(_fixture.At("users"), "rj@a.org:x:1:1::/h::userdb_quota2_over_flag=FALSE\n");
        _fixture.WriteScript($"echo \"$*\" >> {_fixture.At("said")}");
        Configure($"""
            quota_rule = *:bytes=9000000
            quota2 = maildir:Archive:ns=Archive/
            quota2_rule = *:bytes=2048
            quota2_over_flag_value = TRUE
            quota2_over_script = exec:{_fixture.At("warn")} %u
            """, $"passwd-file:{_fixture.At("users")}");
        using var service = _fixture.StartReady();
        ServiceFixture.Deliver(mailbox, "1.a.h,S=9000", 9000);
        ServiceFixture.AwaitLedger(mailbox, "9000000S", 9000, 1, service);
        Assert.Empty(Said);
        ServiceFixture.Deliver(archive, "2.a.h,S=3000", 3000);
        Poll.Until(() => Said is ["rj@a.org FALSE"], service.Describe);
    }

    [Fact]
    public void Explain_RulesAndThresholds_InPlainWords()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=85000", 85_000);
        foreach (var folder in (string[])[".Junk", ".Trash", ".Archive.2020"])
            ServiceFixture.Deliver(_fixture.MakeMailbox($"a.org/rj/Maildir/{folder}"), "1.a.h,S=1000", 1000);
        _fixture.MakeMailbox("a.org/rj/Maildir/.Archive.Tmp");
        _fixture.MakeMailbox("a.org/rj/Maildir/.Archive.Big");
        Limits("rj@a.org *:bytes=100000");
        Configure($"""
            counting = dovecot
            quota_rule = *:bytes=200000
            quota_rule2 = Trash:storage=+10%
            quota_rule3 = Junk:ignore
            quota_warning = storage=95% {_fixture.At("warn")} a
            quota_warning2 = storage=80% {_fixture.At("warn")} b
            quota2 = maildir:Archive:ns=Archive/
            quota2_rule = *:bytes=10240
            quota2_rule2 = Archive/Tmp:ignore
            quota2_rule3 = Archive/Big:bytes=+10240
            """, "file");
        using (var service = _fixture.StartReady())
        {
            Poll.Until(() => Said is ["b 80 rj@a.org over 87 []"], service.Describe);
            // Killed in this moment it might not have noted that the script runs.
            service.Signal(Signum.SIGTERM);
            service.End();
        }

        using var explain = _fixture.Command("explain", mailbox);
        Assert.Equal(0, explain.End());
        var text = explain.Describe();
        foreach (var part in (string[])
        [
            $"rj@a.org: {mailbox}", "User quota: 85 KB, 3 messages; 87 % of 97.7 KB",
            $"from file:{_fixture.At("limits")} (*:bytes=100000): *:bytes=100000",
            "not counted, not limited: Junk:ignore", "up to 107 KB by Trash:bytes=+10%", "counted, here and in Archive",
            "counted here, neither counted nor limited in Archive: Archive/Tmp:ignore",
            "counted here, in Archive up to 20 KB by Archive/Big:bytes=+10240",
            "storage=95%          armed: warns when usage reaches 92.8 KB", "storage=80%          fired ",
        ])
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_UserWithoutMailbox_SaysWhereItWouldBe()
    {
        Configure("quota_rule = *:bytes=100000");
        using var explain = _fixture.Command("explain", "nobody@a.org");
        Assert.Equal(3, explain.End());
        Assert.Contains($"no mailbox: there is none at {_fixture.At("mail")}/a.org/nobody/Maildir", explain.Describe(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void TestWarning_RunsTheCommand_AndRemembersNothing()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=25000", 25_000);
        Configure($"quota_rule = *:bytes=100000\nquota_warning = storage=80% {_fixture.At("warn")} soon");
        using var test = _fixture.Command("test-warning", "rj@a.org", "80");
        Assert.Equal(0, test.End());
        Assert.Equal(["soon 80 rj@a.org over 25 []"], Said);

        using var unknown = _fixture.Command("test-warning", "rj@a.org", "95");
        Assert.Equal(1, unknown.End());
        Assert.Contains("there is no warning 95; there are storage=80%", unknown.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void TestWarning_CommandThatFails_SaysSo()
    {
        _fixture.MakeMailbox("a.org/rj/Maildir");
        _fixture.WriteScript("exit 7");
        Configure($"quota_rule = *:bytes=100000\nquota_warning = storage=80% {_fixture.At("warn")}");
        using var test = _fixture.Command("test-warning", "rj@a.org", "80");
        Assert.Equal(1, test.End());
        Assert.Contains("exit code 7", test.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain("it has run", test.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void InspectAndRecalc_WithTheConfiguration_CountAsTheServiceDoes()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=800", 800);
        ServiceFixture.Deliver(_fixture.MakeMailbox("a.org/rj/Maildir/.Junk"), "1.a.h,S=900", 900);
        Configure("counting = dovecot\nquota_rule = *:bytes=100000\nquota_rule2 = Junk:ignore");
        using (var service = _fixture.StartReady())
            ServiceFixture.AwaitLedger(mailbox, "100000S", 800, 1, service);

        using var inspect = _fixture.Command("inspect", "--json", mailbox);
        Assert.Equal(0, inspect.End());
        Assert.Contains("\"drift\":{\"bytes\":0,\"messages\":0}", inspect.Describe(), StringComparison.Ordinal);
        using var recalc = _fixture.Command("recalc", mailbox);
        Assert.Equal(0, recalc.End());
        ServiceFixture.AwaitLedger(mailbox, "100000S", 800, 1, recalc);
    }

    [Fact]
    public void CheckConfig_SourceThatIsNotThere_OrHasBadLines_IsSaid()
    {
        Configure("quota_rule = *:bytes=100000", "file");
        using (var check = _fixture.Command("check-config"))
        {
            Assert.Equal(3, check.End());
            Assert.Contains($"file:{_fixture.At("limits")}: ", check.Describe(), StringComparison.Ordinal);
        }

        Limits("rj@a.org *:bytes=100000\nanna@a.org");
        using (var check = _fixture.Command("check-config"))
        {
            Assert.Equal(3, check.End());
            Assert.Contains($"{_fixture.At("limits")}:2: ", check.Describe(), StringComparison.Ordinal);
        }

        Limits("rj@a.org *:bytes=100000");
        using (var check = _fixture.Command("check-config"))
        {
            Assert.Equal(0, check.End());
            Assert.Contains("test.conf:4: remark: quota_rule: bytes=100000 has no unit", check.Describe(),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void CheckConfig_FieldsOfUsers_AreChecked()
    {
        File.WriteAllText(_fixture.At("users"), """
            joe@a.org:x:1:1::/h::userdb_quota_rule=*:bogus=1
            eve@a.org:x:1:1::/h::userdb_quota_rule=*:bogus=1
            anna@a.org:x:1:1::/h::userdb_quota_warning=storage=50%
            rj@a.org:x:1:1::/h::userdb_quota_rul=*:storage=1G userdb_quota_rule=*:storage=1G
            """);
        Configure("quota_rule = *:storage=100M", $"passwd-file:{_fixture.At("users")}");
        using (var check = _fixture.Command("check-config"))
        {
            Assert.Equal(3, check.End());
            var text = check.Describe();
            foreach (var part in (string[])
            [
                "users: joe@a.org and 1 more: quota_rule: column 3: Unknown rule limit name: bogus",
                "users: anna@a.org: quota_warning: no command", "users: rj@a.org: remark: quota_rul is no field",
            ])
                Assert.Contains(part, text, StringComparison.Ordinal);
        }

        Limits("rj@a.org *:bogus=1");
        Configure("quota_rule = *:storage=100M", "file");
        using (var check = _fixture.Command("check-config"))
        {
            Assert.Equal(3, check.End());
            Assert.Contains("column 10: '*:bogus=1' is no rule; column 3: Unknown", check.Describe(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Group_MembersWithDifferentLimits_IsJudgedByTheLargest_WhoeverGetsMail()
    {
        string[] mailboxes = [_fixture.MakeMailbox("a.org/rj/Maildir"), _fixture.MakeMailbox("a.org/anna/Maildir")];
        Users("50000", "500000");
        Configure($"""
            quota_rule = *:bytes=9000000
            quota2 = group:Domain:by=%d
            quota2_warning = storage=80%% {_fixture.At("warn")}
            quota2_warning2 = -storage=80%% {_fixture.At("warn")}
            """, $"passwd-file:{_fixture.At("users")}");
        using var service = _fixture.StartReady();
        for (var i = 0; i < 6; i++)
        {
            ServiceFixture.Deliver(mailboxes[i % 2], $"{i}.a.h,S=15000", 15_000);
            ServiceFixture.AwaitLedger(mailboxes[i % 2], "9000000S", (i / 2 + 1) * 15_000, i / 2 + 1, service);
        }

        service.AwaitLine("a.org: its mailboxes have different limits or warnings for it, the largest limit holds");
        Assert.Empty(Said);
        Users("50000", "50000");
        Poll.Until(() => Said is ["80 a.org over 180 [Domain]"], service.Describe);

        void Users(string rj, string anna)
        {
            File.WriteAllText(_fixture.At("users.new"), $"""
                rj@a.org:x:1:1::/h::userdb_quota2_rule=*:bytes={rj}
                anna@a.org:x:1:1::/h::userdb_quota2_rule=*:bytes={anna}

                """);
            File.Move(_fixture.At("users.new"), _fixture.At("users"), overwrite: true);
        }
    }

    [Fact]
    public void Refresh_SourceDown_SaysSo()
    {
        Limits("rj@a.org *:bytes=100000");
        _fixture.MakeMailbox("a.org/rj/Maildir");
        Configure("quota_rule = *:bytes=100000", "file");
        using var service = _fixture.StartReady();
        File.Delete(_fixture.At("limits"));
        using var refresh = _fixture.Command("refresh");
        Assert.Equal(3, refresh.End());
        Assert.Contains($"file:{_fixture.At("limits")} does not answer", refresh.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_DirectoryThatIsNoMailbox_SaysSo()
    {
        _fixture.MakeMailbox("a.org/rj/Maildir");
        Configure("quota_rule = *:bytes=100000");
        using var explain = _fixture.Command("explain", _fixture.At("mail/a.org/rj"));
        Assert.Equal(3, explain.End());
        Assert.Contains("is not a Maildir", explain.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void SourceDown_AtTheStart_ChangesNoLimit()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        File.WriteAllText(Path.Combine(mailbox, "maildirsize"), "5000S\n0 0\n");
        File.WriteAllText(_fixture.At("sql.conf"), """
            driver = pgsql
            connect = host=/nonexistent dbname=users
            user_query = SELECT quota_rule FROM users WHERE name = '%u'
            """);
        Configure("quota_rule = *:bytes=100000", $"sql:{_fixture.At("sql.conf")}");
        using var service = _fixture.StartReady();
        service.AwaitLine("sql:");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=100", 100);
        ServiceFixture.AwaitLedger(mailbox, "5000S", 100, 1, service);
    }

    private string[] Said => File.Exists(_fixture.At("said")) ? File.ReadAllLines(_fixture.At("said")) : [];

    private void Limits(string text)
    {
        File.WriteAllText(_fixture.At("limits.new"), text + "\n");
        File.Move(_fixture.At("limits.new"), _fixture.At("limits"), overwrite: true);
    }

    private void Database(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_fixture.At("users.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private void Configure(string quota, string? source = null) => File.WriteAllText(_fixture.Config, $"""
        [mailboxes]
        locations = {_fixture.At("mail")}/%d/%n/Maildir
        [quota]
        {quota}
        [watching]
        settle = 50ms
        [limits]
        {(source is null ? "" : $"source = {(source == "file" ? $"file:{_fixture.At("limits")}" : source)}")}
        [state]
        directory = {_fixture.At("state")}
        """);
}
