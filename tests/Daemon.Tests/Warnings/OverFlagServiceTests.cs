using System.Collections.Concurrent;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Daemon.Tests.Warnings;

public sealed class OverFlagServiceTests : IDisposable
{
    private static readonly WarningSubject Subject = new("/m/rj", "rj@ex.test", "/m/rj");
    private readonly ScriptDirectory _dir = new();
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly ConcurrentQueue<string> _refreshed = new();
    private readonly string _script;

    public OverFlagServiceTests() => _script = _dir.Script("w", "printf '[%s]' $MQW_DIRECTION \"$@\" >> $OUT/ran; echo >> $OUT/ran");

    public void Dispose() => _dir.Dispose();

    [Fact]
    public async Task Check_Mismatch_RunsTheScriptWithTheFlagLast_AndAsksForTheSource()
    {
        await using var service = Open($"exec:{_script}", "mismatch", "%u");
        service.Check("rj", Subject, flagged: false, isOver: true, "no");
        await AwaitRefreshed(1);
        Assert.Equal(["[over][mismatch][rj@ex.test][no]"], _dir.Read("ran"));
        Assert.Equal(["rj"], _refreshed);
    }

    [Fact]
    public async Task Check_WithoutAFlag_AppendsNothing_AndAPathGetsTheUser()
    {
        await using var service = Open(_script, "mismatch");
        service.Check("rj", Subject, flagged: false, isOver: true, null);
        await AwaitRefreshed(1);
        service.Check("al", Subject with { Key = "/m/al", User = "al" }, flagged: true, isOver: false, "yes-TRUE");
        await AwaitRefreshed(2);
        Assert.Equal(["[over][mismatch][rj@ex.test]", "[under][mismatch][al][yes-TRUE]"], _dir.Read("ran"));
    }

    [Fact]
    public async Task Check_TheSameAgain_RunsOncePerInterval_AlsoUnasked_UntilTheyAgree()
    {
        await using var service = Open($"exec:{_script}");
        for (var i = 0; i < 5; i++) service.Check("rj", Subject, false, true, null);
        await AwaitRefreshed(1);
        _time.Advance(TimeSpan.FromMinutes(9));
        service.Check("rj", Subject, false, true, null);
        _time.Advance(TimeSpan.FromMinutes(1));
        await AwaitRefreshed(2);
        service.Check("rj", Subject, true, true, "1");
        _time.Advance(TimeSpan.FromMinutes(30));
        // newly wrong: at once, and the other way round at once too
        service.Check("rj", Subject, true, false, "1");
        await AwaitRefreshed(3);
        service.Check("rj", Subject, false, true, "0");
        await AwaitRefreshed(4);
        Assert.Equal(["[over]", "[over]", "[under][1]", "[over][0]"], _dir.Read("ran"));
    }

    [Fact]
    public async Task Check_AgreeingFlags_RunNothing()
    {
        await using (var service = Open($"exec:{_script}"))
        {
            service.Check("rj", Subject, true, true, "1");
            service.Check("rj", Subject, false, false, null);
            service.Check("al", Subject with { Key = "/m/al" }, false, true, null);
            await AwaitRefreshed(1);
        }
        Assert.Single(_dir.Read("ran"));
    }

    [Fact]
    public async Task Check_Many_NeverMoreAtOnceThanAllowed_AndNoneLeftOut()
    {
        var script = _dir.Script("many", """
            mkdir $OUT/run.$$; ls -d $OUT/run.* | wc -l >> $OUT/width; echo $MQW_USER >> $OUT/users; rmdir $OUT/run.$$
            """);
        await using var service = new OverFlagService([script], new() { Concurrent = 2 }, _dir.Log, _refreshed.Enqueue, time: _time);
        for (var i = 0; i < 50; i++) service.Check($"u{i}", new($"/m/{i}", $"u{i}", $"/m/{i}"), false, true, null);
        await AwaitRefreshed(50);
        Assert.Equal(50, _dir.Read("users").Distinct().Count());
        Assert.InRange(_dir.Read("width").Max(int.Parse), 1, 2);
    }

    [Fact]
    public async Task Check_WrongRightAndWrongAgainWhileItWaits_RunsOnce()
    {
        var script = _dir.Script("slow", """
            while [ -d $OUT ] && [ ! -e $OUT/go ]; do sleep 0.01; done; echo $MQW_USER >> $OUT/ran
            """);
        await using var service =
            new OverFlagService([script], new() { Concurrent = 1 }, _dir.Log, _refreshed.Enqueue, time: _time);
        service.Check("al", Subject with { Key = "/m/al", User = "al" }, false, true, null);
        for (var i = 0; i < 10; i++)
        {
            service.Check("rj", Subject, true, true, "1");
            service.Check("rj", Subject, false, true, null);
        }
        service.Check("zo", Subject with { Key = "/m/zo", User = "zo" }, false, true, null);
        _dir.Script("go", "");
        await WarningServiceTests.WaitAsync(() => _refreshed.Contains("zo"));
        Assert.Equal(["al", "rj@ex.test", "zo"], _dir.Read("ran"));
    }

    [Fact]
    public async Task Forget_MailboxThatIsGone_RunsNothingMore_UntilItIsBack()
    {
        await using var service = Open($"exec:{_script}");
        service.Check("rj", Subject, false, true, null);
        await AwaitRefreshed(1);
        service.Check("al", Subject with { Key = "/m/al", User = "al" }, false, true, "x");
        await AwaitRefreshed(2);
        service.Forget(Subject.Key);
        _time.Advance(TimeSpan.FromMinutes(10));
        await AwaitRefreshed(3);
        Assert.Equal("al", _refreshed.Last());
        service.Check("rj", Subject, false, true, "back");
        await AwaitRefreshed(4);
        Assert.Equal(["[over]", "[over][x]", "[over][x]", "[over][back]"], _dir.Read("ran"));
    }

    [Fact]
    public async Task Check_StillWrong_IsSaidOnce()
    {
        await using var service = Open($"exec:{_script}");
        service.Check("rj", Subject, false, true, null);
        await AwaitRefreshed(1);
        _time.Advance(TimeSpan.FromMinutes(10));
        await AwaitRefreshed(2);
        Assert.Single(_dir.Lines, l => l.StartsWith("Information") && l.Contains("over-quota flag is"));
        Assert.Single(_dir.Lines, l => l.StartsWith("Debug") && l.Contains("over-quota flag is"));
    }

    [Fact]
    public void New_BadCommand_SaysWhy() =>
        Assert.Contains("is not an absolute path", Assert.Throws<ArgumentException>(() => Open("exec:x")).Message);

    private OverFlagService Open(params string[] command) =>
        new(command, new(), _dir.Log, _refreshed.Enqueue, time: _time);

    private Task AwaitRefreshed(int count) => WarningServiceTests.WaitAsync(() => _refreshed.Count >= count);
}
