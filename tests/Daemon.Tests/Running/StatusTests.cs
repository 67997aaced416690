using System.Text.Json;
using MaildirQuotaWatcher.Cli;
using MaildirQuotaWatcher.Control;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Daemon.Tests.Running;

/// <summary>What <c>status</c> says of a service, and its exit code; what a reload changes of the warnings.</summary>
public sealed class StatusTests : IDisposable
{
    private static readonly StatusReport Healthy = new(
        true, false, false, 3, 0, new WatchReport(39, 65536, 0), new PollReport(0, 300, true), [], [], 0, 0, null,
        new ConfigurationReport(null, []), 0, [], 0, [], []);

    private readonly ServiceFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Status_EverythingIsFine_SaysSo()
    {
        _fixture.MakeMailbox("a.org/rj/Maildir");
        using var service = _fixture.StartReady();
        using var status = _fixture.Command("status");
        Assert.True(status.End() == 0, status.Describe());
        Assert.Equal("fine: watching 1 mailbox", status.Lines[0]);
        Assert.Contains(status.Lines, line => line.StartsWith("  watches       3 by inotify", StringComparison.Ordinal));
        Assert.Contains("  in trouble    none", status.Lines);

        using var json = _fixture.Command("status", "--json");
        Assert.True(json.End() == 0, json.Describe());
        using var report = JsonDocument.Parse(Assert.Single(json.Lines));
        Assert.True(report.RootElement.GetProperty("fine").GetBoolean());
        Assert.Equal(1, report.RootElement.GetProperty("mailboxes").GetInt32());
    }

    [Fact]
    public void Status_NoService_IsExitCode1()
    {
        using var status = _fixture.Command("status");
        Assert.Equal(1, status.End());
        Assert.Contains("no service answers", status.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Status_MailboxInTrouble_NamesIt_UntilItIsMended()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        var ledger = Path.Combine(mailbox, "maildirsize");
        Directory.CreateDirectory(ledger);
        using var service = _fixture.StartReady();
        using (var status = _fixture.Command("status"))
        {
            Assert.Equal(3, status.End());
            Assert.StartsWith("NOT FINE: watching 1 mailbox", status.Describe(), StringComparison.Ordinal);
            Assert.Contains($"{mailbox}: ", status.Describe(), StringComparison.Ordinal);
        }

        Directory.Delete(ledger);
        ServiceFixture.Deliver(mailbox, "1.a.h,S=100", 100);
        ServiceFixture.AwaitLedger(mailbox, "100000S", 100, 1, service);
        using var mended = _fixture.Command("status");
        Assert.True(mended.End() == 0, mended.Describe());
    }

    [Fact]
    public void Status_SourceDown_AndFileNotLoaded_AndSettingThatWaits_AreSaid()
    {
        var source = $"[limits]\nsource = file:{_fixture.At("limits")}";
        File.WriteAllText(_fixture.At("limits"), "rj@a.org *:bytes=100000\n");
        _fixture.MakeMailbox("a.org/rj/Maildir");
        _fixture.Configure(more: source);
        using var service = _fixture.StartReady();
        File.Delete(_fixture.At("limits"));
        using (var refresh = _fixture.Command("refresh"))
            Assert.Equal(3, refresh.End());
        _fixture.AwaitStatus(3, $"DOWN          file:{_fixture.At("limits")} does not answer");

        _fixture.Configure(create: "no");
        service.Signal(Signum.SIGHUP);
        service.AwaitLine("only after a restart: create");
        _fixture.AwaitStatus(0, "at a restart  changed settings: create");

        _fixture.Configure(limit: "much");
        service.Signal(Signum.SIGHUP);
        service.AwaitLine("was not loaded");
        _fixture.AwaitStatus(3, "'much'");
        _fixture.AwaitStatus(3, "NOT LOADED    ");
    }

    [Fact]
    public void Status_UserWhoseSettingsCannotBeRead_IsNamed_UntilTheyCan()
    {
        var limits = _fixture.At("users");
        const string Anna = "anna@a.org:x:1:1::/h::userdb_quota_rule=*:bytes=5000\n";
        File.WriteAllText(limits, Anna + "rj@a.org:x:1:1::/h::userdb_quota_rule=*:bites=1\n");
        _fixture.MakeMailbox("a.org/anna/Maildir");
        _fixture.MakeMailbox("a.org/rj/Maildir");
        _fixture.Configure(more: $"[limits]\nsource = passwd-file:{limits}");
        using var service = _fixture.StartReady();
        _fixture.AwaitStatus(3, "bad limits    of 1 user; ");
        _fixture.AwaitStatus(3, "rj@a.org: quota_rule: column 3: Unknown rule limit name: bites");
        using (var json = _fixture.Command("status", "--json"))
        {
            Assert.Equal(3, json.End());
            using var report = JsonDocument.Parse(Assert.Single(json.Lines));
            Assert.Equal(1, report.RootElement.GetProperty("usersInTrouble").GetInt32());
            var trouble = Assert.Single(report.RootElement.GetProperty("userTroubles").EnumerateArray());
            Assert.Equal("rj@a.org", trouble.GetProperty("user").GetString());
            Assert.Contains("bites", trouble.GetProperty("problem").GetString(), StringComparison.Ordinal);
        }

        File.WriteAllText(limits, Anna + "rj@a.org:x:1:1::/h::userdb_quota_rule=*:bytes=70000\n");
        ServiceFixture.AwaitLedger(_fixture.At("mail/a.org/rj/Maildir"), "70000S", 0, 0, service);
        using var mended = _fixture.Command("status");
        Assert.True(mended.End() == 0, mended.Describe());
        Assert.DoesNotContain("bad limits", mended.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Status_LineOfAUserThatIsBad_NamesHim()
    {
        File.WriteAllText(_fixture.At("limits"), "anna@a.org *:bytes=5000\nx *:bytes=1\nrj@a.org bites\n");
        _fixture.MakeMailbox("a.org/rj/Maildir");
        _fixture.Configure(more: $"[limits]\nsource = file:{_fixture.At("limits")}");
        using var service = _fixture.StartReady();
        _fixture.AwaitStatus(3, $"rj@a.org: {_fixture.At("limits")}: a line that speaks of rj@a.org is bad");
    }

    [Fact]
    public void Start_LocationWithoutAMailbox_IsRemarked_UntilThereIsOne()
    {
        _fixture.MakeMailbox("a.org/rj/Maildir");
        _fixture.Configure(locations: $"%d/%n/Maildir, {_fixture.At("mail")}/%d/%n/maildir");
        var empty = $"{_fixture.At("mail")}/%d/%n/maildir leads to no mailbox, ";
        using var service = _fixture.StartReady();
        service.AwaitLine("watching 1 mailbox");
        Assert.Single(service.Lines, line => line.Contains(" leads to no mailbox", StringComparison.Ordinal));
        Assert.Single(service.Lines, line => line.Contains(empty, StringComparison.Ordinal));
        _fixture.AwaitStatus(0, $"no mailbox    {empty}");

        var mailbox = _fixture.MakeMailbox("a.org/rj/maildir");
        ServiceFixture.AwaitLedger(mailbox, "100000S", 0, 0, service);
        using var status = _fixture.Command("status");
        Assert.True(status.End() == 0, status.Describe());
        Assert.DoesNotContain("no mailbox", status.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Status_SourceFileIsRemoved_IsNoticed_AndWhenItIsBack()
    {
        var limits = _fixture.At("limits");
        File.WriteAllText(limits, "rj@a.org *:bytes=60000\n");
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        _fixture.Configure(more: $"[limits]\nsource = file:{limits}");
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(mailbox, "60000S", 0, 0, service);

        File.Delete(limits);
        service.AwaitLine($"file:{limits} does not answer: {limits} is not there; create it, or name another");
        _fixture.AwaitStatus(3, $"DOWN          file:{limits} does not answer");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=100", 100);
        ServiceFixture.AwaitLedger(mailbox, "60000S", 100, 1, service);

        File.WriteAllText(limits, "rj@a.org *:bytes=70000\n");
        ServiceFixture.AwaitLedger(mailbox, "70000S", 100, 1, service);
        service.AwaitLine($"file:{limits} answers again");
    }

    [Fact]
    public void Reload_QuietHoursEnd_WhatWaitedRuns()
    {
        var now = TimeOnly.FromDateTime(DateTime.Now);
        var quiet = $"quiet_hours = {now.AddHours(-2):HH:mm}-{now.AddHours(2):HH:mm}\n";
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=90000", 90_000);
        _fixture.Configure();
        var text = File.ReadAllText(_fixture.Config);
        File.WriteAllText(_fixture.Config, text.Replace("[state]", quiet + "[state]"));
        using var service = _fixture.StartReady();
        service.AwaitLine("storage reached 80 %");
        _fixture.AwaitStatus(0, "warnings      1 waiting to run");
        Assert.Empty(_fixture.ReadWarnings());

        File.WriteAllText(_fixture.Config, text);
        service.Signal(Signum.SIGHUP);
        service.AwaitLine("changed: quiet_hours");
        Poll.Until(() => _fixture.ReadWarnings().Length == 1, service.Describe);
    }

    [Fact]
    public void Text_PolledMailboxes_SaysHowLateTheirChangesShow()
    {
        var text = StatusText.Of(Healthy with { Polling = new PollReport(5, 300, true) });
        Assert.Contains(
            "5 mailboxes on network file systems or FUSE, once in 5m: what other machines change there is seen up to 5m "
            + "late\n", text, StringComparison.Ordinal);
        text = StatusText.Of(Healthy with { Fine = false, Polling = new PollReport(5, 300, false) });
        Assert.Contains("does not answer NOW", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_ForeignControlCharacters_AreMadeHarmless()
    {
        var text = StatusText.Of(Healthy with { InTrouble = 2, Troubles = [new TroubleReport("/m/\u001b[31m\n", "x")] });
        Assert.DoesNotContain('\u001b', text);
        Assert.Contains("and 1 more: see the log", text, StringComparison.Ordinal);
    }
}
