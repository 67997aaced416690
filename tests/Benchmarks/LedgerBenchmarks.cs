using BenchmarkDotNet.Attributes;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Benchmarks;

/// <summary>Reading, appending to and replacing a real <c>maildirsize</c>, lease and checks included.</summary>
[MemoryDiagnoser]
public class LedgerBenchmarks
{
    private string _path = "";
    private BytePath _root = null!;
    private MailboxDirectory _mailbox = null!;

    [GlobalSetup]
    public void Setup()
    {
        Lease.IgnoreBreakSignal();
        _path = Directory.CreateTempSubdirectory("mqw-bench").FullName;
        Directory.CreateDirectory(Path.Combine(_path, "tmp"));
        File.WriteAllText(Path.Combine(_path, "maildirsize"), "1000000S\n0 0\n");
        _root = BytePath.FromString(_path);
        _mailbox = MailboxDirectory.Find(_root, followLinks: true, out _)!;
    }

    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(_path, recursive: true);

    [Benchmark(Baseline = true)]
    public LedgerReading Read()
    {
        var root = _mailbox.Open(out _);
        var reading = LedgerFile.Read(root, _root, 0);
        Files.Close(root);
        return reading;
    }

    /// <summary>Read, append one line, and replace when the file has grown, as the daemon does.</summary>
    [Benchmark]
    public LedgerOutcome Append()
    {
        var root = _mailbox.Open(out _);
        var seen = LedgerFile.Read(root, _root, 0);
        var write = seen.Ledger!.Length < 4000
            ? LedgerFile.Append(root, _root, seen, new UsageDelta(1, 0), insist: false)
            : LedgerFile.Replace(root, _root, seen, seen.Ledger.Header, Usage.Zero, insist: false);
        Files.Close(root);
        return write.Outcome;
    }

    [Benchmark]
    public LedgerOutcome Replace()
    {
        var root = _mailbox.Open(out _);
        var seen = LedgerFile.Read(root, _root, 0);
        var write = LedgerFile.Replace(root, _root, seen, "1000000S"u8, Usage.Zero, insist: false);
        Files.Close(root);
        return write.Outcome;
    }
}
