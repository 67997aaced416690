using System.Collections.Concurrent;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Daemon.Tests.Warnings;

/// <summary>Options that change while the service runs, as at SIGHUP, hold from then on.</summary>
public sealed class ChangedOptionsTests : IDisposable
{
    private static readonly WarningSubject Subject = new("/m/rj", "rj", "/m/rj");

    private readonly ScriptDirectory _dir = new();
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 9, 17, 12, 0, 0, TimeSpan.Zero));
    private readonly string _script;

    public ChangedOptionsTests() => _script = _dir.Script("w", "echo $MQW_USER $MQW_REMINDER >> $OUT/ran");

    private string[] Ran => _dir.Read("ran");

    public void Dispose() => _dir.Dispose();

    [Fact]
    public async Task Remind_TurnedOn_WarnsAgain_UntilItIsTurnedOff()
    {
        await using var service = Open(new());
        await AcceptAsync(service, 90_000);
        _time.Advance(TimeSpan.FromHours(5));
        await service.DrainAsync(CancellationToken.None);
        Assert.Equal(["rj"], Ran);

        service.SetOptions(new() { Remind = TimeSpan.FromHours(1) });
        await AcceptAsync(service, 90_000);
        Assert.Equal(["rj", "rj 1"], Ran);

        service.SetOptions(new());
        _time.Advance(TimeSpan.FromHours(5));
        await AcceptAsync(service, 90_000);
        Assert.Equal(2, Ran.Length);
    }

    [Fact]
    public async Task Hysteresis_TurnedOn_HoldsForTheNextUsage()
    {
        await using var service = Open(new());
        await AcceptAsync(service, 90_000);
        service.SetOptions(new() { Hysteresis = 10 });
        await AcceptAsync(service, 75_000);
        await AcceptAsync(service, 90_000);
        Assert.Single(Ran);
        await AcceptAsync(service, 69_000);
        await AcceptAsync(service, 90_000);
        Assert.Equal(2, Ran.Length);
    }

    [Fact]
    public async Task TimeLimit_MadeShorter_HoldsForTheNextScript()
    {
        var slow = _dir.Script("slow", "echo begun >> $OUT/ran; exec sleep 600");
        await using var service = Open(new() { TimeLimit = TimeSpan.FromHours(1) }, slow);
        service.SetOptions(new() { TimeLimit = TimeSpan.FromMilliseconds(50) });
        await AcceptAsync(service, 90_000);
        Assert.Contains(_dir.Lines, line => line.Contains("its time limit of 0.05 s is over"));
    }

    [Fact]
    public async Task FlagInterval_MadeShorter_RunsThatSoonAgain()
    {
        var refreshed = new ConcurrentQueue<string>();
        await using var service = new OverFlagService(
            [$"exec:{_script}"], new(), _dir.Log, refreshed.Enqueue, TimeSpan.FromHours(1), _time);
        service.Check("rj", Subject, flagged: false, isOver: true, null);
        await WarningServiceTests.WaitAsync(() => refreshed.Count == 1);
        service.SetOptions(new(), TimeSpan.FromMinutes(1));
        _time.Advance(TimeSpan.FromMinutes(1));
        await WarningServiceTests.WaitAsync(() => refreshed.Count == 2);
    }

    private WarningService Open(WarningOptions options, string? script = null) => new(
        new WarningRules([WarningRule.OfPercent(QuotaResource.Storage, 80, false, [script ?? _script])]), options, null,
        _dir.Log, _time);

    private static async Task AcceptAsync(WarningService service, long bytes)
    {
        service.Accept(Subject, new Usage(bytes, 1), new QuotaLimit(100_000, 0));
        await service.DrainAsync(CancellationToken.None);
    }
}
