using MaildirQuotaWatcher.Daemon.Tests.Running;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Daemon.Tests.Warnings;

public sealed class WarningServiceTests : IDisposable
{
    private static readonly QuotaLimit Limit = new(100_000, 50);
    private static readonly WarningSubject Subject = new("/m/rj", "rj@ex.test", "/m/rj");
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
        var script = _dir.Script("w", "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | sort | sed s/ID=.*/ID=ID/ > $OUT/env; wc -c > $OUT/input");
        await RunAsync(Set($"storage=80% {script}"), s => Accept(s, 81_000));
        Assert.Equal(
        [
            "HOME=/", "LANG=C.UTF-8", "MQW_DIRECTION=over", "MQW_LIMIT_BYTES=100000", "MQW_LIMIT_MESSAGES=50",
            "MQW_MAILBOX=/m/rj", "MQW_NOW_LIMIT_BYTES=100000", "MQW_NOW_LIMIT_MESSAGES=50", "MQW_NOW_PERCENT=81",
            "MQW_NOW_USAGE_BYTES=81000", "MQW_NOW_USAGE_MESSAGES=3", "MQW_PERCENT=81", "MQW_RESOURCE=storage", "MQW_ROOT=", "MQW_THRESHOLD=80",
            "MQW_UNIT=percent", "MQW_USAGE_BYTES=81000", "MQW_USAGE_MESSAGES=3", "MQW_USER=rj@ex.test",
            "MQW_WARNING_ID=ID", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
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
    public async Task Start_WithADueWarning_RunsItOnceWithItsId_AndKeepsTheMark()
    {
        // what kill -9 between the store's commit and the script's start leaves behind
        var script = _dir.Script("w", "echo $MQW_USER $MQW_USAGE_BYTES $MQW_PERCENT $MQW_WARNING_ID >> $OUT/ran");
        var rule = Set($"storage=80% {script}")[0];
        var due = new DueWarning(4711, Subject with { User = "r\tj@ex.test" },
            new Warning(rule, rule.Parts[0], new Usage(85_000, 3), Limit));
        using (var store = WarningStore.Open(_dir.State, _dir.Log))
            store.Write(WarningStoreTests.Batch(b =>
            {
                b.Set(Subject.Key, WarningStoreTests.Row(rule.Key));
                b.Add(due);
            }));

        await RunAsync([rule], s => Accept(s, 86_000));
        await RunAsync([rule], s => Accept(s, 87_000));
        Assert.Equal(["r j@ex.test 85000 85 4711"], _dir.Read("ran"));
    }

    [Fact]
    public async Task Start_WithADueWarning_NoLongerConfigured_SaysSoAndForgetsIt()
    {
        var script = _dir.Script("w", "echo ran >> $OUT/ran");
        var rule = Set($"storage=80% {script}")[0];
        using (var store = WarningStore.Open(_dir.State, _dir.Log))
            store.Write(WarningStoreTests.Batch(b => b.Add(new DueWarning(
                1, Subject, new Warning(rule, rule.Parts[0], new Usage(85_000, 3), Limit)))));
        await RunAsync(Set($"storage=90% {script}"), _ => { });
        await RunAsync([rule], _ => { });
        Assert.Empty(_dir.Read("ran"));
        Assert.Contains(_dir.Lines, l => l.Contains("no longer configured"));
    }

    [Fact]
    public async Task Accept_IsDurable_BeforeTheScriptRuns()
    {
        // the script copies the store as it is when it starts: state, and the intent or its removal
        var script = _dir.Script("w", "cp $OUT/state/state.db $OUT/state/state.db-wal $OUT/copy/");
        Directory.CreateDirectory(Path.Combine(_dir.Path, "copy"));
        await RunAsync(Set($"storage=80% {script}"), s => Accept(s, 85_000));
        using var copy = WarningStore.Open(Path.Combine(_dir.Path, "copy"), _dir.Log);
        Assert.True(copy.ReadStates().Single().Value.State.IsAbove("storage=80%"));
    }

    [Fact]
    public async Task StopAsync_WithQueuedScripts_LeavesThemDueForTheNextStart()
    {
        var slow = _dir.Script("w", "echo $MQW_USER >> $OUT/started; sleep 30");
        var options = new WarningOptions { Concurrent = 1, StopGrace = TimeSpan.FromMilliseconds(50) };
        await using (var service = Open(Set($"storage=80% {slow}"), options))
        {
            for (var i = 0; i < 3; i++) service.Accept(new($"/m/{i}", $"u{i}", $"/m/{i}"), new Usage(90_000, 1), Limit);
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
        await using var service = new WarningService(new(Set($"storage=80% {script}")), new(), null, _dir.Log);
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
            await using var service = new WarningService(new(Set($"storage=80% {script}")), new(), store, _dir.Log);
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
    public async Task Accept_EachRoot_HasItsOwnRules_AndMemory()
    {
        var script = _dir.Script("w", "echo $MQW_ROOT $MQW_THRESHOLD $MQW_MAILBOX >> $OUT/ran");
        var rules = new WarningRules(new Dictionary<string, IReadOnlyList<WarningRule>>
        {
            [""] = Set($"storage=80% {script}"),
            ["archive"] = Set($"storage=50% {script}"),
        });
        await using var service = new WarningService(rules, new() { Concurrent = 1 }, null, _dir.Log);
        service.Accept(Subject, new Usage(60_000, 1), Limit);
        service.Accept(Subject with { Key = "/m/rj archive", Root = "archive" }, new Usage(60_000, 1), Limit);
        service.Accept(Subject with { Key = "/m/rj other", Root = "other" }, new Usage(99_000, 1), Limit);
        Accept(service, 85_000);
        await service.DrainAsync(CancellationToken.None);
        Assert.Equal(["archive 50 /m/rj", "80 /m/rj"], _dir.Read("ran"));
        Assert.True(service.StateOf("/m/rj archive").IsAbove("storage=50%"));
    }

    [Fact]
    public async Task Accept_RulesOfTheUser_ReplaceTheConfigured_AndSurviveARestart()
    {
        var script = _dir.Script("w", "echo $1 $MQW_THRESHOLD >> $OUT/ran");
        var quiet = new WarningOptions { QuietHours = new QuietHours(new TimeOnly(0, 0), new TimeOnly(12, 0)) };
        var midnight = new ManualTime(DateTime.UtcNow.Date);
        await using (var first = new WarningService(new(Set($"storage=80% {script} all")), quiet,
            WarningStore.Open(_dir.State, _dir.Log), _dir.Log, midnight))
        {
            first.Accept(Subject, new Usage(85_000, 1), Limit, rules: Set($"storage=70% {script} \"of his\""));
        }
        await RunAsync(Set($"storage=80% {script} all"), _ => { });
        Assert.Equal(["of his 70"], _dir.Read("ran"));
    }

    [Fact]
    public async Task Accept_Largest_IsAskedOnlyWhenSomethingIsDue_AndSortedAndCutToFive()
    {
        var script = _dir.Script("w", "printf '%s\\n' \"$MQW_LARGEST\" > $OUT/largest");
        var asked = 0;
        await RunAsync(Set($"storage=80% {script}"), s =>
        {
            foreach (var bytes in new[] { 10_000, 85_000, 86_000 })
                s.Accept(Subject, new Usage(bytes, 3), Limit, () =>
                {
                    asked++;
                    return [.. Enumerable.Range(1, 6).Select(i => ($"F{i}\n", new Usage(i * 1000, i)))];
                });
        });
        Assert.Equal(1, asked);
        Assert.Equal(["6000\t6\tF6?", "5000\t5\tF5?", "4000\t4\tF4?", "3000\t3\tF3?", "2000\t2\tF2?"], _dir.Read("largest"));
    }

    internal static Task WaitAsync(Func<bool> condition) =>
        Task.Run(() => Poll.Until(condition, static () => "what was waited for did not happen"));

    private static WarningRule[] Set(params string[] texts) =>
        [.. texts.Select(t => WarningRule.TryParse(t, out var threshold, out var e) ? threshold : throw new ArgumentException(e))];

    private static void Accept(WarningService service, long bytes) =>
        service.Accept(Subject, new Usage(bytes, 3), Limit);

    private WarningService Open(WarningRule[] thresholds, WarningOptions? options = null) =>
        new(new WarningRules(thresholds), options ?? new(), WarningStore.Open(_dir.State, _dir.Log), _dir.Log);

    private async Task RunAsync(WarningRule[] thresholds, Action<WarningService> act)
    {
        await using var service = Open(thresholds);
        act(service);
        await service.DrainAsync(CancellationToken.None);
    }
}
