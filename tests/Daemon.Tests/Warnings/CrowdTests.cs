using System.Diagnostics;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;
using Serilog.Core;

namespace MaildirQuotaWatcher.Daemon.Tests.Warnings;

/// <summary>Ten thousand mailboxes over the threshold at once, each with a real process.</summary>
public sealed class CrowdTests(ITestOutputHelper output) : IDisposable
{
    private const int Count = 10_000;
    private readonly ScriptDirectory _dir = new();

    public void Dispose() => _dir.Dispose();

    [Fact]
    public async Task Accept_TenThousandAtOnce_WarnsOfEachOnce_AFewAtATime()
    {
        // The shell appends with O_APPEND, so that no line is lost and all are in order.
        var script = _dir.Script("w", "echo + >> $OUT/ran; echo - $MQW_USER $MQW_WARNING_ID >> $OUT/ran");
        var rule = WarningRule.OfPercent(QuotaResource.Storage, 80, below: false, [$"exec:{script}"]);
        var clock = Stopwatch.StartNew();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        await using (var service = new WarningService(
            new WarningRules([rule]), new(), WarningStore.Open(_dir.State, _dir.Log), Logger.None))
        {
            for (var i = 0; i < Count; i++)
                service.Accept(new($"/m/{i}", $"u{i}", $"/m/{i}"), new Usage(90_000, 1), new QuotaLimit(100_000, 0));
            output.WriteLine($"accepted after {clock.Elapsed.TotalSeconds:0.00} s");
            await service.DrainAsync(CancellationToken.None);
        }
        output.WriteLine($"{Count} scripts in {clock.Elapsed.TotalSeconds:0.0} s, "
            + $"{(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds:0.0} s of CPU of our own");

        var lines = _dir.Read("ran");
        var (running, most) = (0, 0);
        foreach (var line in lines) most = Math.Max(most, running += line == "+" ? 1 : -1);
        var ran = lines.Where(line => line != "+").Select(line => line.Split(' ')).ToArray();
        Assert.Equal(Count, ran.Length);
        Assert.Equal(Count, ran.Select(words => words[1]).Distinct().Count());
        Assert.Equal(Count, ran.Select(words => words[2]).Distinct().Count());
        Assert.InRange(most, 1, new WarningOptions().Concurrent);
        using var store = WarningStore.Open(_dir.State, _dir.Log);
        Assert.Empty(store.ReadDue(long.MaxValue, 1));
        Assert.Equal(Count, store.ReadStates().Count);
    }
}
