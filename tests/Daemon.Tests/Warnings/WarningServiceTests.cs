using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Daemon.Tests.Warnings;

public sealed class WarningServiceTests : IDisposable
{
    private static readonly QuotaLimit Limit = new(100_000, 50);
    private readonly ScriptDirectory _dir = new();

    public void Dispose() => _dir.Dispose();

    [Fact]
    public async Task Accept_Crossing_RunsTheCommandWithItsWordsThresholdAndUser()
    {
        var script = _dir.Script("w", "printf '[%s]' \"$@\" > $OUT/args");
        await RunAsync(Set($"storage=80%% {script} one \"two words\" %n/%d"), s => Accept(s, 81_000));
        Assert.Equal(["[one][two words][rj/ex.test][80][rj@ex.test]"], _dir.Read("args"));
    }

    [Fact]
    public async Task Accept_Crossing_GivesACleanEnvironmentAndAnEmptyInput()
    {
        var script = _dir.Script("w", "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | sort > $OUT/env; wc -c > $OUT/input");
        await RunAsync(Set($"storage=80% {script}"), s => Accept(s, 81_000));
        Assert.Equal(
        [
            "HOME=/", "LANG=C.UTF-8", "MQW_DIRECTION=over", "MQW_LIMIT_BYTES=100000", "MQW_LIMIT_MESSAGES=50",
            "MQW_MAILBOX=/m/rj", "MQW_PERCENT=81", "MQW_RESOURCE=storage", "MQW_THRESHOLD=80", "MQW_USAGE_BYTES=81000",
            "MQW_USAGE_MESSAGES=3", "MQW_USER=rj@ex.test",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ], _dir.Read("env"));
        Assert.Equal("0", Assert.Single(_dir.Read("input")).Trim());
    }

    [Fact]
    public async Task Accept_JumpAndBack_RunsOneOverAndOneUnder()
    {
        var script = _dir.Script("w", "echo $MQW_DIRECTION $MQW_THRESHOLD >> $OUT/ran");
        await RunAsync(Set($"storage=80% {script}", $"storage=95% {script}", $"-storage=95% {script}"), s =>
        {
            Accept(s, 70_000);
            Accept(s, 99_000);
            Accept(s, 98_000);
        });
        Assert.Equal(["over 95"], _dir.Read("ran"));
        await RunAsync(Set($"storage=80% {script}", $"storage=95% {script}", $"-storage=95% {script}"), s => Accept(s, 10));
        Assert.Equal(["over 95", "under 95"], _dir.Read("ran"));
    }

    [Fact]
    public async Task Accept_AfterReopen_NeverRepeats()
    {
        var script = _dir.Script("w", "echo $MQW_THRESHOLD >> $OUT/ran");
        for (var i = 0; i < 3; i++)
            await RunAsync(Set($"storage=80% {script}"), s => Accept(s, 85_000 + i));
        Assert.Equal(["80"], _dir.Read("ran"));
    }

    [Fact]
    public async Task Start_WithADueWarning_RunsItOnceAndKeepsTheMark()
    {
        // what kill -9 between the store's commit and the script's start leaves behind
        var script = _dir.Script("w", "echo $MQW_USER $MQW_USAGE_BYTES $MQW_PERCENT >> $OUT/ran");
        var threshold = Set($"storage=80% {script}")[0];
        var due = new PendingWarning("/m/rj", "r\tj@ex.test", new Warning(threshold, new Usage(85_000, 3), Limit));
        using (var store = WarningStore.Open(_dir.State, _dir.Log))
            store.Write([new("/m/rj", new StoredWarnings(WarningState.Of([threshold.Key]), [due.ToLine()]))]);

        await RunAsync([threshold], s => Accept(s, 86_000));
        await RunAsync([threshold], s => Accept(s, 87_000));
        Assert.Equal(["r j@ex.test 85000 85"], _dir.Read("ran"));
    }

    [Fact]
    public async Task Accept_IsDurable_BeforeTheScriptRuns()
    {
        // the script copies the store as it is when it starts: state, and the intent or its removal
        var script = _dir.Script("w", "cp $OUT/state/state.db $OUT/state/state.db-wal $OUT/copy/");
        Directory.CreateDirectory(Path.Combine(_dir.Path, "copy"));
        await RunAsync(Set($"storage=80% {script}"), s => Accept(s, 85_000));
        using var copy = WarningStore.Open(Path.Combine(_dir.Path, "copy"), _dir.Log);
        Assert.True(copy.ReadAll()["/m/rj"].State.Contains("storage=80%"));
    }

    [Fact]
    public async Task StopAsync_WithQueuedScripts_LeavesThemDueForTheNextStart()
    {
        var slow = _dir.Script("w", "echo $MQW_USER >> $OUT/started; sleep 30");
        var options = new WarningOptions { Concurrent = 1, StopGrace = TimeSpan.FromMilliseconds(50) };
        await using (var service = Open(Set($"storage=80% {slow}"), options))
        {
            for (var i = 0; i < 3; i++) service.Accept($"/m/{i}", $"u{i}", new Usage(90_000, 1), Limit);
            await WaitAsync(() => _dir.Read("started").Length == 1);
            await service.StopAsync();
        }
        Assert.Equal(["u0"], _dir.Read("started"));
        _dir.Script("w", "echo $MQW_USER >> $OUT/again");
        await RunAsync(Set($"storage=80% {slow}"), _ => { });
        Assert.Equal(["u1", "u2"], _dir.Read("again").Order());
    }

    [Fact]
    public async Task Accept_WithoutStore_RemembersInMemory()
    {
        var script = _dir.Script("w", "echo ran >> $OUT/ran");
        await using var service = new WarningService(Set($"storage=80% {script}"), new(), null, _dir.Log);
        Accept(service, 81_000);
        Accept(service, 82_000);
        await service.DrainAsync(CancellationToken.None);
        Assert.Single(_dir.Read("ran"));
    }

    [Fact]
    public async Task Accept_StoreUnwritable_StillRunsAndSaysSo()
    {
        var script = _dir.Script("w", "echo ran >> $OUT/ran");
        var store = WarningStore.Open(_dir.State, _dir.Log);
        using (var other = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={store.Path};Pooling=False"))
        {
            other.Open();
            using var begin = other.CreateCommand();
            begin.CommandText = "BEGIN IMMEDIATE";
            begin.ExecuteNonQuery();
            await using var service = new WarningService(Set($"storage=80% {script}"), new(), store, _dir.Log);
            Accept(service, 81_000);
            await service.DrainAsync(CancellationToken.None);
            Assert.Single(_dir.Read("ran"));
            Assert.Contains(_dir.Lines, l => l.Contains(store.Path) && l.Contains("another program holds it"));
            begin.CommandText = "ROLLBACK";
            begin.ExecuteNonQuery();
        }
        await RunAsync(Set($"storage=80% {script}"), s => Accept(s, 82_000));
        Assert.Single(_dir.Read("ran"));
    }

    [Fact]
    public async Task Forget_RemovesTheRow()
    {
        await RunAsync(Set("storage=80%"), s => Accept(s, 81_000));
        await RunAsync(Set("storage=80%"), s => s.Forget("/m/rj"));
        using var store = WarningStore.Open(_dir.State, _dir.Log);
        Assert.Empty(store.ReadAll());
    }

    internal static async Task WaitAsync(Func<bool> condition)
    {
        for (var i = 0; i < 500 && !condition(); i++) await Task.Delay(20);
        Assert.True(condition());
    }

    private static Threshold[] Set(params string[] texts) =>
        [.. texts.Select(t => Threshold.TryParse(t, out var threshold, out var e) ? threshold : throw new ArgumentException(e))];

    private static void Accept(WarningService service, long bytes) =>
        service.Accept("/m/rj", "rj@ex.test", new Usage(bytes, 3), Limit);

    private WarningService Open(Threshold[] thresholds, WarningOptions? options = null) =>
        new(thresholds, options ?? new(), WarningStore.Open(_dir.State, _dir.Log), _dir.Log);

    private async Task RunAsync(Threshold[] thresholds, Action<WarningService> act)
    {
        await using var service = Open(thresholds);
        act(service);
        await service.DrainAsync(CancellationToken.None);
    }
}
