using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;
using Microsoft.Data.Sqlite;
using Serilog.Core;

namespace MaildirQuotaWatcher.Daemon.Tests.Warnings;

/// <summary>What depends on the clock, with a clock that only the test moves. Alone: one of them measures memory.</summary>
[Collection("Machine")]
public sealed class WarningTimingTests : IDisposable
{
    private static readonly QuotaLimit Limit = new(100_000, 50);
    private static readonly TimeZoneInfo TwoHoursEast = TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(2), "x", "x");

    private readonly ScriptDirectory _dir = new();
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 9, 17, 19, 30, 0, TimeSpan.Zero), TwoHoursEast);
    private readonly string _script;

    public WarningTimingTests() => _script = _dir.Script("w", "echo $MQW_USER $MQW_THRESHOLD $MQW_REMINDER >> $OUT/ran");

    private string[] Ran => _dir.Read("ran");

    public void Dispose() => _dir.Dispose();

    [Fact]
    public async Task PerMinute_StartsThatMany_QueuesTheRest_AndKeepsTheOrder()
    {
        await using var service = Open(new() { PerMinute = 3, Concurrent = 1 }, 80);
        var users = Enumerable.Range(0, 7).Select(i => $"u{i}").ToArray();
        foreach (var user in users) Accept(service, user, 90_000);
        await WarningServiceTests.WaitAsync(() => Ran.Length == 3 && Due() == 4);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(4, await DueAfterAFence(service));
        _time.Advance(TimeSpan.FromSeconds(1));
        await WarningServiceTests.WaitAsync(() => Ran.Length == 6);
        _time.Advance(TimeSpan.FromSeconds(60));
        await service.DrainAsync(CancellationToken.None);
        Assert.Equal(users.Select(user => $"{user} 80"), Ran);
    }

    [Fact]
    public async Task QuietHours_OfLocalTime_StartNothing_UntilTheirEnd()
    {
        // half past nine in the evening
        await using var service = Open(new() { QuietHours = new(new(22, 0), new(7, 0)) }, 80);
        Accept(service, "early", 90_000);
        await service.DrainAsync(CancellationToken.None);
        Assert.Single(Ran);
        _time.Advance(TimeSpan.FromHours(1));
        Accept(service, "night", 90_000);
        Assert.Equal(1, await DueAfterAFence(service));
        _time.Advance(new TimeSpan(8, 29, 0));
        Assert.Equal(1, await DueAfterAFence(service));
        Assert.Single(Ran);
        _time.Advance(TimeSpan.FromMinutes(1));
        await service.DrainAsync(CancellationToken.None);
        Assert.Equal(["early 80", "night 80"], Ran);
    }

    [Fact]
    public async Task QuietHours_UsageFellMeanwhile_TheScriptIsToldOfBoth_AlsoAcrossARestart()
    {
        var script = _dir.Script("n", "echo $MQW_PERCENT now $MQW_NOW_PERCENT $MQW_NOW_USAGE_BYTES/$MQW_NOW_LIMIT_BYTES >> $OUT/ran");
        WarningService Begin() => new(
            new WarningRules([WarningRule.OfPercent(QuotaResource.Storage, 80, false, [script])]),
            new() { QuietHours = new(new(22, 0), new(7, 0)) }, WarningStore.Open(_dir.State, _dir.Log), _dir.Log, _time);
        _time.Advance(TimeSpan.FromHours(1));
        await using (var service = Begin())
        {
            Accept(service, "rj", 90_000);
            Accept(service, "unknown", 91_000);
            Accept(service, "rj", 40_000);
            Assert.Equal(2, await DueAfterAFence(service));
        }
        await using (var service = Begin())
        {
            Accept(service, "rj", 30_000);
            Accept(service, "rj", 20_000);
            _time.Advance(TimeSpan.FromHours(9));
            await service.DrainAsync(CancellationToken.None);
            Assert.Equal(["90 now 20 20000/100000", "91 now /"], Ran.Order());
        }
    }

    [Fact]
    public async Task Remind_WithoutAnyNewUsage_WarnsAgainAfterThatTime()
    {
        await using var service = Open(new() { Remind = TimeSpan.FromDays(7) }, 80);
        Accept(service, "rj", 90_000);
        await service.DrainAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromDays(6));
        await service.DrainAsync(CancellationToken.None);
        Assert.Equal(["rj 80"], Ran);
        _time.Advance(TimeSpan.FromDays(1));
        await service.DrainAsync(CancellationToken.None);
        Assert.Equal(["rj 80", "rj 80 1"], Ran);
        service.SetAbsent("/m/rj");
        _time.Advance(TimeSpan.FromDays(30));
        await service.DrainAsync(CancellationToken.None);
        Assert.Equal(2, Ran.Length);
    }

    [Fact]
    public async Task Remind_InQuietHours_OneWaitsForTheirEnd_NotOneForEachHour()
    {
        await using var service =
            Open(new() { Remind = TimeSpan.FromHours(1), QuietHours = new(new(22, 0), new(7, 0)) }, 80);
        Accept(service, "rj", 90_000);
        await service.DrainAsync(CancellationToken.None);
        for (var hour = 0; hour < 8; hour++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            Assert.Equal(1, await DueAfterAFence(service));
        }
        _time.Advance(TimeSpan.FromHours(1.5));
        await WarningServiceTests.WaitAsync(() => Ran.Length == 2);
        await service.DrainAsync(CancellationToken.None);
        Assert.Equal(["rj 80", "rj 80 1"], Ran.Take(2));
    }

    [Fact]
    public async Task QuietHours_PairsThatCancel_AreNotToldAtTheirEnd_TheFinalStateIs()
    {
        var options = new WarningOptions { QuietHours = new(new(22, 0), new(7, 0)) };
        await using (var service = OpenBothWays(options))
        {
            Accept(service, "noon", 90_000);
            await service.DrainAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromHours(1));
            foreach (var bytes in new[] { 90_000, 70_000, 91_000, 71_000 }) Accept(service, "back", bytes);
            foreach (var bytes in new[] { 90_000, 70_000, 92_000 }) Accept(service, "over", bytes);
            foreach (var bytes in new[] { 70_000, 90_000 }) Accept(service, "noon", bytes);
            Assert.Equal(9, await DueAfterAFence(service));
        }
        await using (var service = OpenBothWays(options))
        {
            foreach (var bytes in new[] { 90_000, 70_000 }) Accept(service, "late", bytes);
            Assert.Equal(11, await DueAfterAFence(service));
            _time.Advance(TimeSpan.FromHours(9));
            await service.DrainAsync(CancellationToken.None);
            Assert.Equal(["over noon 80 90000", "over over 80 92000"], Ran);
            Assert.Equal(0, await DueAfterAFence(service));
            foreach (var bytes in new[] { 90_000, 70_000 }) Accept(service, "back", bytes);
            await service.DrainAsync(CancellationToken.None);
            Assert.Equal(["over back 80 90000", "under back 80 70000"], Ran[2..].Order());
        }
    }

    [Fact]
    public async Task QuietHours_TakenBackButALowerOneIsReached_BothAreTold()
    {
        await using var service = OpenBothWays(new() { QuietHours = new(new(22, 0), new(7, 0)), Concurrent = 1 });
        _time.Advance(TimeSpan.FromHours(1));
        foreach (var bytes in new[] { 99_000, 90_000 }) Accept(service, "rj", bytes);
        Assert.Equal(2, await DueAfterAFence(service));
        _time.Advance(TimeSpan.FromHours(9));
        await service.DrainAsync(CancellationToken.None);
        Assert.Equal(["over rj 95 99000", "under rj 95 90000"], Ran);
    }

    [Fact]
    public async Task QuietHours_AReminderAndFallingBelow_OnlyTheSecondIsTold()
    {
        await using var service = OpenBothWays(
            new() { QuietHours = new(new(22, 0), new(7, 0)), Remind = TimeSpan.FromHours(2) });
        Accept(service, "rj", 90_000);
        await service.DrainAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(1, await DueAfterAFence(service));
        Accept(service, "rj", 70_000);
        Assert.Equal(2, await DueAfterAFence(service));
        _time.Advance(TimeSpan.FromHours(7));
        await service.DrainAsync(CancellationToken.None);
        Assert.Equal(["over rj 80 90000", "under rj 80 70000"], Ran);
    }

    [Fact]
    public async Task PerMinute_PairsThatWaited_AreNotTold()
    {
        await using var service = OpenBothWays(new() { PerMinute = 1 });
        Accept(service, "first", 90_000);
        await service.DrainAsync(CancellationToken.None);
        foreach (var bytes in new[] { 90_000, 70_000 }) Accept(service, "back", bytes);
        Accept(service, "last", 90_000);
        Assert.Equal(3, await DueAfterAFence(service));
        _time.Advance(TimeSpan.FromMinutes(1));
        await service.DrainAsync(CancellationToken.None);
        Assert.Equal(["over first 80 90000", "over last 80 90000"], Ran);
    }

    [Fact]
    public async Task NotSeenFor90Days_IsForgottenAtAStart_ButNotWhatTheProcessKnows()
    {
        await using (var service = Open(new(), 80))
        {
            Accept(service, "gone", 90_000);
            Accept(service, "quiet", 90_000);
            await service.DrainAsync(CancellationToken.None);
            service.SetAbsent("/m/gone");
            _time.Advance(TimeSpan.FromDays(91));
        }
        await using (var service = Open(new(), 80))
        {
            Assert.True(service.StateOf("/m/gone").IsEmpty);
            Assert.True(service.StateOf("/m/quiet").IsAbove("storage=80%"));
            Assert.Contains(_dir.Lines, l => l.Contains("1 mailboxes not seen for 90 days"));
        }
    }

    [Fact]
    public async Task Crowd_Waiting_IsInTheFileAndNotInMemory()
    {
        const int Count = 20_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        _time.Advance(TimeSpan.FromHours(1));
        await using var service = new WarningService(
            new WarningRules([WarningRule.OfPercent(QuotaResource.Storage, 80, false, [_script])]),
            new() { QuietHours = new(new(22, 0), new(7, 0)) }, WarningStore.Open(_dir.State, _dir.Log), Logger.None, _time);
        for (var i = 0; i < Count; i++) Accept(service, $"user{i}@example.org", 90_000);
        Assert.Equal(Count, await DueAfterAFence(service));
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        Assert.True(each <= 700, $"{each} bytes each");
        Assert.Empty(Ran);
    }

    private static void Accept(WarningService service, string user, long bytes, long messages = 3) =>
        service.Accept(new($"/m/{user}", user, $"/m/{user}"), new Usage(bytes, messages), Limit);

    private WarningService Open(WarningOptions options, params int[] percents) => new(
        new WarningRules([.. percents.Select(p => WarningRule.OfPercent(QuotaResource.Storage, p, false, [_script, "x"]))]),
        options, WarningStore.Open(_dir.State, _dir.Log), _dir.Log, _time);

    private WarningService OpenBothWays(WarningOptions options)
    {
        var script = _dir.Script("b", "echo $MQW_DIRECTION $MQW_USER $MQW_THRESHOLD $MQW_USAGE_BYTES >> $OUT/ran");
        WarningRule[] rules =
        [
            .. new[] { 80, 95 }.SelectMany(percent => new[] { false, true }
                .Select(below => WarningRule.OfPercent(QuotaResource.Storage, percent, below, [script]))),
        ];
        return new(new WarningRules(rules), options, WarningStore.Open(_dir.State, _dir.Log), _dir.Log, _time);
    }

    /// <summary>How many are still due when everything told so far has been taken in and nothing runs any more.</summary>
    private async Task<int> DueAfterAFence(WarningService service)
    {
        var none = WarningRule.OfPercent(QuotaResource.Storage, 1, false, []);
        service.Accept(new("fence", "fence", ""), new Usage(50, 0), new QuotaLimit(100, 0), rules: [none]);
        await WarningServiceTests.WaitAsync(() => WarningStore.Look(_dir.State, "fence").State is not null);
        service.Accept(new("fence", "fence", ""), Usage.Zero, new QuotaLimit(100, 0), rules: [none]);
        await WarningServiceTests.WaitAsync(() => WarningStore.Look(_dir.State, "fence").State is null);
        return Due();
    }

    private int Due()
    {
        using var connection = new SqliteConnection($"Data Source={_dir.State}/state.db;Pooling=False;Mode=ReadOnly");
        connection.Open();
        using var count = connection.CreateCommand();
        count.CommandText = "SELECT COUNT(*) FROM due_warning";
        return Convert.ToInt32(count.ExecuteScalar());
    }
}
