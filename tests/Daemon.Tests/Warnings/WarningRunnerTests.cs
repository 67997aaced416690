using System.Diagnostics;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Daemon.Tests.Warnings;

public sealed class WarningRunnerTests : IDisposable
{
    private readonly ScriptDirectory _dir = new();

    public void Dispose() => _dir.Dispose();

    [Fact]
    public async Task Run_OverTheTimeLimit_KillsTheScriptAndItsChildren()
    {
        // It ends because it is killed, or not at all while a test may wait.
        var script = _dir.Script("w", "sleep 100000 & echo $! > $OUT/child; wait");
        // Until it has been given the time to start its child.
        for (var limit = TimeSpan.FromMilliseconds(500); _dir.Read("child").Length == 0; limit *= 4)
            await RunAsync(new() { TimeLimit = limit }, script);
        Assert.Contains(_dir.Lines, l => l.StartsWith("Warning") && l.Contains("killed"));
        var child = Assert.Single(_dir.Read("child"));
        await WarningServiceTests.WaitAsync(() => !IsRunning(child));
    }

    [Fact]
    public async Task Run_Ended_LeavesNoPipeOpen()
    {
        await RunAsync(new(), _dir.Script("w", "readlink /proc/$$/fd/1 /proc/$$/fd/2 > $OUT/pipes"));
        var pipes = _dir.Read("pipes");
        Assert.Equal(2, pipes.Length);
        Assert.DoesNotContain(
            Directory.GetFiles("/proc/self/fd").Select(fd => new FileInfo(fd).LinkTarget), pipes.Contains);
    }

    [Fact]
    public async Task Run_NotZero_IsAWarningInTheLog()
    {
        await RunAsync(new(), _dir.Script("w", "exit 3"));
        Assert.Contains(_dir.Lines, l => l.StartsWith("Warning") && l.Contains("exit code 3"));
    }

    [Fact]
    public async Task Run_Missing_SaysWhichFileAndWhatToCheck()
    {
        await RunAsync(new(), "/nonexistent/script");
        Assert.Contains(_dir.Lines, l => l.StartsWith("Error") && l.Contains("/nonexistent/script") && l.Contains("check that"));
    }

    [Fact]
    public async Task Run_Output_IsBoundedAndEscaped()
    {
        var script = _dir.Script("w", """
            printf 'a\033[31mb\n'
            head -c 5000 /dev/zero | tr '\0' x; echo
            i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); done
            echo to stderr >&2
            """);
        await RunAsync(new(), script);
        Assert.Contains(_dir.Lines, l => l.Contains(@"a\x1b[31mb", StringComparison.Ordinal));
        Assert.Contains(_dir.Lines, l => l.Contains("to stderr"));
        Assert.Contains(_dir.Lines, l => l.Contains("further output not shown"));
        Assert.All(_dir.Lines, l => Assert.True(l.Length < ScriptOutput.MostBytesPerLine + 200));
        Assert.Equal(ScriptOutput.MostLines + 2, _dir.Lines.Count(l => l.Contains("/w")));
    }

    [Fact]
    public async Task Run_ABackgroundChildHoldingTheOutput_DoesNotBlock()
    {
        await RunAsync(new(), _dir.Script("w", "sleep 100000 & echo $! > $OUT/child"));
        var pid = Assert.Single(_dir.Read("child"));
        Assert.True(IsRunning(pid));
        using var child = Process.GetProcessById(int.Parse(pid));
        child.Kill();
    }

    [Fact]
    public async Task Run_Many_NeverMoreAtOnceThanAllowedAndNoneDropped()
    {
        // It sleeps so that several would meet if they might.
        var script = _dir.Script("w", """
            mkdir $OUT/run.$$; ls -d $OUT/run.* | wc -l >> $OUT/width; sleep 0.05; rmdir $OUT/run.$$
            """);
        await RunAsync(new() { Concurrent = 3 }, script, 20);
        var width = _dir.Read("width").Select(int.Parse).ToArray();
        Assert.Equal(20, width.Length);
        Assert.InRange(width.Max(), 1, 3);
    }

    [Fact]
    public async Task Run_Missing_IsTriedAgainWithGrowingPauses_ForEver()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var script = Path.Combine(_dir.Path, "late");
        await using var service = Open(new(), script, time);
        Accept(service, 0);
        await service.DrainAsync(CancellationToken.None);
        foreach (var (seconds, tries) in new[] { 5, 30, 180, 900, 900, 900, 900 }.Select((s, i) => (s, i + 1)))
        {
            time.Advance(TimeSpan.FromSeconds(seconds - 1));
            await service.DrainAsync(CancellationToken.None);
            Assert.Equal(tries, _dir.Lines.Count(l => l.Contains("could not be started")));
            time.Advance(TimeSpan.FromSeconds(1));
            await service.DrainAsync(CancellationToken.None);
            Assert.Equal(tries + 1, _dir.Lines.Count(l => l.Contains("could not be started")));
            Assert.Single(_dir.Lines, l => l.Contains($"could not be started {tries + 1} times"));
        }
        _dir.Script("late", "echo $MQW_WARNING_ID >> $OUT/ran");
        time.Advance(TimeSpan.FromHours(1));
        await service.DrainAsync(CancellationToken.None);
        Assert.Single(_dir.Read("ran"));
    }

    [Fact]
    public async Task Run_MissingAtFirst_RunsOnceWhenItIsThere()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var script = Path.Combine(_dir.Path, "late");
        await using var service = Open(new(), script, time);
        Accept(service, 0);
        await service.DrainAsync(CancellationToken.None);
        _dir.Script("late", "echo $MQW_WARNING_ID >> $OUT/ran");
        time.Advance(TimeSpan.FromSeconds(5));
        await service.DrainAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromHours(1));
        await service.DrainAsync(CancellationToken.None);
        Assert.Single(_dir.Read("ran"));
    }

    [Fact]
    public async Task Run_AsANamedUser_HasThatUsersGroupsOnly()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        var script = _dir.Script("w", "id -u; id -g; id -G");
        File.SetUnixFileMode(_dir.Path, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(script, (UnixFileMode)0b111_101_101);
        await RunAsync(new() { User = "nobody" }, script);
        var said = _dir.Lines.Where(l => l.Contains("/w")).Select(l => l.Split('"')[^2]).ToArray();
        Assert.Equal([Id("-u"), Id("-g"), Id("-G")], said);

        static string Id(string option)
        {
            using var id = Process.Start(new ProcessStartInfo("id", [option, "nobody"]) { RedirectStandardOutput = true })!;
            return id.StandardOutput.ReadToEnd().Trim();
        }
    }

    [Fact]
    public async Task Run_Exec_GetsExactlyTheWords_WithVariablesExpanded()
    {
        var script = _dir.Script("w", "printf '[%s]' \"$@\" > $OUT/args");
        await RunAsync(new(), $"exec:{script} 80 %u %{{user}} %n %d 100%% %x \"\"");
        Assert.Equal(["[80][u0@ex.test][u0@ex.test][u0][ex.test][100%][%x][]"], _dir.Read("args"));
    }

    private async Task RunAsync(WarningOptions options, string command, int count = 1)
    {
        await using var service = Open(options, command, TimeProvider.System);
        for (var i = 0; i < count; i++) Accept(service, i);
        await service.DrainAsync(CancellationToken.None);
    }

    private WarningService Open(WarningOptions options, string command, TimeProvider time) =>
        WarningRule.TryParse($"storage=80% {command}", out var rule, out var error)
            ? new WarningService(new WarningRules([rule]), options, null, _dir.Log, time)
            : throw new ArgumentException(error);

    private static void Accept(WarningService service, int i) =>
        service.Accept(new($"/m/{i}", $"u{i}@ex.test", $"/m/{i}"), new Usage(90, 1), new QuotaLimit(100, 0));

    private static bool IsRunning(string pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // Gone, perhaps while it is read.
            return false;
        }
    }
}
