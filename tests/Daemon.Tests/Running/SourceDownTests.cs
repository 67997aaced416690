using MaildirQuotaWatcher.Daemon.Tests.State;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Daemon.Tests.Running;

/// <summary>Commands while a source of limits is down, or warnings wait: they tell and write what applies.</summary>
public sealed class SourceDownTests : IDisposable
{
    private readonly ServiceFixture _fixture = new();
    private readonly string _mailbox;

    public SourceDownTests()
    {
        _mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        ServiceFixture.Deliver(_mailbox, "1.a.h,S=800", 800);
        ServiceFixture.Deliver(_fixture.MakeMailbox("a.org/rj/Maildir/.Spam"), "1.a.h,S=900", 900);
        File.WriteAllText(Limits, "rj@a.org *:bytes=25600:messages=50 Spam:ignore\n");
        Configure("quota_rule = *:storage=100M");
    }

    private string Limits => _fixture.At("limits");

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Recalc_SourceDown_KeepsLimitAndFolderRulesOfItsLastAnswer(bool serviceRuns)
    {
        using (var service = _fixture.StartReady())
        {
            ServiceFixture.AwaitLedger(_mailbox, "25600S,50C", 800, 1, service);
            if (serviceRuns)
            {
                RecalcWithoutSource();
                return;
            }

            service.Signal(Signum.SIGTERM);
            service.End();
        }

        RecalcWithoutSource();
    }

    [Fact]
    public void Recalc_SourceDown_NobodyAnsweredBefore_LeavesTheFileAlone_AndFails()
    {
        File.Delete(Limits);
        var ledger = Path.Combine(_mailbox, "maildirsize");
        File.WriteAllText(ledger, "7000S\n1 1\n");
        using var recalc = _fixture.Command("recalc", _mailbox);
        Assert.Equal(3, recalc.End());
        Assert.Contains($"{_mailbox}: not recalculated", recalc.Describe(), StringComparison.Ordinal);
        Assert.Equal("7000S\n1 1\n", File.ReadAllText(ledger));

        using var explain = _fixture.Command("explain", "rj@a.org");
        Assert.Equal(3, explain.End());
        Assert.Contains("his limit stays what his maildirsize says", explain.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain("100 MB", explain.Describe(), StringComparison.Ordinal);
        using var inspect = _fixture.Command("inspect", _mailbox);
        Assert.Equal(3, inspect.End());
    }

    [Fact]
    public void Recalc_ServiceKnowsThatNoSourceKnowsHim_TheConfigurationHolds()
    {
        var anna = _fixture.MakeMailbox("a.org/anna/Maildir");
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(anna, "104857600S", 0, 0, service);
        File.Delete(Limits);
        using var recalc = _fixture.Command("recalc", anna);
        Assert.True(recalc.End() == 0, recalc.Describe());
        ServiceFixture.AwaitLedger(anna, "104857600S", 0, 0, recalc);
    }

    [Fact]
    public void Explain_SourceDown_SaysTheLimitThatApplies()
    {
        using var service = _fixture.StartReady();
        File.Delete(Limits);
        using (var refresh = _fixture.Command("refresh"))
            Assert.Equal(3, refresh.End());
        using var explain = _fixture.Command("explain", "rj@a.org");
        Assert.True(explain.End() == 0, explain.Describe());
        Assert.Contains($"file:{Limits} does not answer", explain.Describe(), StringComparison.Ordinal);
        Assert.Contains("limit: 25 KB and 50 messages", explain.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_WarningWaits_SaysSo_AndWhy()
    {
        var now = TimeOnly.FromDateTime(DateTime.Now);
        Configure($"""
            quota_rule = *:bytes=10000
            quota_warning = storage=5% {_fixture.At("warn")}
            quota_max_mail_size = 5M
            quota_over_flag_value = TRUE
            quota_over_script = {_fixture.At("warn")} flag
            [warnings]
            quiet_hours = {now.AddHours(-2):HH:mm}-{now.AddHours(2):HH:mm}
            """);
        File.WriteAllText(Limits, "rj@a.org Spam:ignore\n");
        using var service = _fixture.StartReady();
        service.AwaitLine("storage reached 5 %");
        service.Signal(Signum.SIGTERM);
        service.End();

        using var explain = _fixture.Command("explain", "rj@a.org");
        Assert.True(explain.End() == 0, explain.Describe());
        foreach (var part in (string[])
        [
            "crossed 500 B ", "has not run yet: waits for the end of quiet_hours", "largest message: 5 MB",
            "over-quota flag: absent, which does not say over quota (TRUE); the mailbox is not over its limit: right",
        ])
            Assert.Contains(part, explain.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain("fired", explain.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_StateThatCannotBeRead_ClaimsNothingAboutWarnings()
    {
        Configure($"quota_rule = *:bytes=1000\nquota_warning = storage=80% {_fixture.At("warn")}");
        File.WriteAllText(Limits, "rj@a.org Spam:ignore\n");
        Directory.CreateDirectory(_fixture.At("state"));
        File.WriteAllText(_fixture.At("state/state.db"), "no database");
        using var explain = _fixture.Command("explain", "rj@a.org");
        Assert.True(explain.End() == 0, explain.Describe());
        Assert.Contains("which of them have run cannot be read: ", explain.Describe(), StringComparison.Ordinal);
        Assert.Contains("storage=80%          reached (800 B); runs", explain.Describe(), StringComparison.Ordinal);
    }

    private void RecalcWithoutSource()
    {
        File.Delete(Limits);
        using var recalc = _fixture.Command("recalc", _mailbox);
        Assert.True(recalc.End() == 0, recalc.Describe());
        ServiceFixture.AwaitLedger(_mailbox, "25600S,50C", 800, 1, recalc);
    }

    private void Configure(string quota) => File.WriteAllText(_fixture.Config, $"""
        [mailboxes]
        locations = {_fixture.At("mail")}/%d/%n/Maildir
        [limits]
        source = file:{Limits}
        [watching]
        settle = 50ms
        [state]
        directory = {_fixture.At("state")}
        [quota]
        {quota}
        """);
}
