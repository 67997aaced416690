using System.Text.Json;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Running;

public sealed class BenchTests
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    [Fact]
    public void Bench_SmallAndPiped_EndsWithRightLedgers_PrintsAPlainTable_LeavesNothing()
    {
        using var scratch = new ScratchDirectory();
        var store = Path.Combine(scratch.FullName, "store");
        using var bench = new Binary(
            NoEnvironment, "bench", "--store", store, "--mailboxes", "3", "--messages", "20", "--duration", "200ms");

        Assert.True(bench.End() == 0, bench.Describe());

        Assert.Contains(bench.Lines, line => line.StartsWith("work ", StringComparison.Ordinal));
        foreach (var work in (string[])[
            "first start", "restart", "memory of a message", "deliver", "flag changes", "rsync", "overflow", "expunge",
            "rm -r",
        ])
            Assert.Contains(bench.Lines, line => line.StartsWith(work, StringComparison.Ordinal));
        Assert.Contains(bench.Lines, line => line.StartsWith("ledger = truth", StringComparison.Ordinal));
        Assert.DoesNotContain(bench.Lines, line => line.Contains('\u001b', StringComparison.Ordinal));
        Assert.False(Directory.Exists(store));
    }

    [Fact]
    public void Bench_Json_PrintsRowsAndNothingElse()
    {
        using var scratch = new ScratchDirectory();
        using var bench = new Binary(
            NoEnvironment, "bench", "--store", Path.Combine(scratch.FullName, "store"), "--mailboxes", "2", "--messages", "5",
            "--duration", "50ms", "--json");

        Assert.True(bench.End() == 0, bench.Describe());

        using var rows = JsonDocument.Parse(string.Join('\n', bench.Lines));
        var delivered = rows.RootElement.EnumerateArray()
            .First(row => row.GetProperty("work").GetString() == "deliver, unthrottled");
        Assert.True(delivered.GetProperty("done").GetInt64() > 0, bench.Describe());
        Assert.True(delivered.GetProperty("events_per_second").GetDouble() > 0, bench.Describe());
    }

    [Fact]
    public void Bench_DirectoryOfSomebodyElse_IsRefusedAndLeftAlone()
    {
        using var scratch = new ScratchDirectory();
        var letter = Path.Combine(scratch.FullName, "letter");
        File.WriteAllText(letter, "mine");
        using var bench = new Binary(NoEnvironment, "bench", "--store", scratch.FullName);

        Assert.Equal(2, bench.End());

        Assert.Contains(bench.Lines, line => line.Contains("is not empty", StringComparison.Ordinal));
        Assert.Equal([letter], Directory.GetFileSystemEntries(scratch.FullName));
    }
}
