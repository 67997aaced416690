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
        var script = _dir.Script("w", "sleep 60 & echo $! > $OUT/child; wait");
        var watch = Stopwatch.StartNew();
        await RunAsync(new() { TimeLimit = TimeSpan.FromMilliseconds(500) }, script);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
        Assert.Contains(_dir.Lines, l => l.StartsWith("Warning") && l.Contains("killed"));
        var child = Assert.Single(_dir.Read("child"));
        await WarningServiceTests.WaitAsync(() => !IsRunning(child));
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
        Assert.Equal(ScriptOutput.MostLines + 2, _dir.Lines.Length);
    }

    [Fact]
    public async Task Run_ABackgroundChildHoldingTheOutput_DoesNotBlock()
    {
        var watch = Stopwatch.StartNew();
        await RunAsync(new(), _dir.Script("w", "sleep 20 & echo $! > $OUT/child"));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15));
        using var child = Process.GetProcessById(int.Parse(_dir.Read("child")[0]));
        child.Kill();
    }

    [Fact]
    public async Task Run_Many_NeverMoreAtOnceThanAllowedAndNoneDropped()
    {
        var script = _dir.Script("w", """
            mkdir $OUT/run.$$; ls -d $OUT/run.* | wc -l >> $OUT/width; sleep 0.05; rmdir $OUT/run.$$
            """);
        await RunAsync(new() { Concurrent = 3 }, [.. Enumerable.Repeat(script, 20)]);
        var width = _dir.Read("width").Select(int.Parse).ToArray();
        Assert.Equal(20, width.Length);
        Assert.InRange(width.Max(), 1, 3);
    }

    private async Task RunAsync(WarningOptions options, params string[] commands)
    {
        await using var runner = new WarningRunner(options, _dir.Log);
        var started = 0;
        foreach (var command in commands)
        {
            var threshold = new Threshold(QuotaResource.Storage, 80, false, [command]);
            var warning = new Warning(threshold, new Usage(90, 1), new QuotaLimit(100, 0));
            runner.Enqueue(new PendingWarning("/m/rj", "rj", warning), () => Interlocked.Increment(ref started));
        }
        await runner.DrainAsync(CancellationToken.None);
        Assert.Equal(commands.Length, started);
    }

    private static bool IsRunning(string pid) =>
        File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
}
