using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;
using MaildirQuotaWatcher.Peers.Running;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;
using Serilog.Core;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>A real <c>service quota-warning</c> runs its script on our request, as it does on Dovecot's own.</summary>
public sealed class DovecotWarningServiceTests
{
    private const string Setting = "storage=80%% quota-warning 80 %u \"q  tab%%x";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Warning_OurRequest_RunsTheScriptWithTheArgumentsOfDovecotsOwn()
    {
        using var dovecot = new DovecotWarnings(Setting);
        dovecot.Deliver(Letter.OfSize(70_000));
        dovecot.Deliver(Letter.OfSize(20_000));
        Assert.True(Poll.Until(() => dovecot.Said.Length == 1, Soon), dovecot.Log);

        // quotes are special to us alone
        await WarnAsync(dovecot, Setting.Replace("\"q", "'q", StringComparison.Ordinal));

        Assert.True(Poll.Until(() => dovecot.Said.Length == 2, Soon), dovecot.Log);
        Assert.Equal(
            [$"<fixed><80><{DovecotWarnings.User}><\"q><tab%x>", $"<fixed><80><{DovecotWarnings.User}><'q><tab%x>"],
            dovecot.Said);
    }

    [Theory]
    [InlineData("unix:quota-warning", "\"two words\" a\tb", "<fixed><two words><a><b>")]
    [InlineData("quota-warning", "\"a\tb\" %n %d", "<fixed><a\tb><u1><peers.test>")]
    public async Task Warning_WordsWithBlanksAndTabs_ArriveWhole(string target, string words, string expected)
    {
        using var dovecot = new DovecotWarnings();
        await WarnAsync(dovecot, $"storage=80%% {target} {words}");
        Assert.True(Poll.Until(() => dovecot.Said.Length == 1, Soon), dovecot.Log);
        Assert.Equal([expected], dovecot.Said);
    }

    private static async Task WarnAsync(DovecotWarnings dovecot, string setting)
    {
        Assert.True(WarningRule.TryParse(setting, out var rule, out var error), error);
        await using var service = new WarningService(
            new WarningRules([rule]), new() { BaseDirectory = dovecot.BaseDirectory }, null, Logger.None);
        service.Accept(
            new("/m/u1", DovecotWarnings.User, "/m/u1"), new Usage(90_000, 2), new QuotaLimit(100 * 1024, 0));
        await service.DrainAsync(CancellationToken.None);
    }
}
