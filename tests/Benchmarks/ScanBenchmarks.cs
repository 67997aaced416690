using System.Text;
using BenchmarkDotNet.Attributes;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Benchmarks;

/// <summary>Counting one mailbox on a real file system, page cache warm: names with a size, and names that need stat.</summary>
[MemoryDiagnoser]
public class ScanBenchmarks
{
    private string _path = "";
    private int _root = -1;
    private MailboxDirectory _mailbox = null!;

    [Params(3000, 100_000)]
    public int Messages { get; set; }

    [Params(true, false)]
    public bool SizeInName { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _path = Directory.CreateTempSubdirectory("mqw-bench").FullName;
        foreach (var name in (string[])["new", "cur", "tmp"])
            Directory.CreateDirectory(Path.Combine(_path, name));
        for (var i = 0; i < Messages; i++)
        {
            var size = SizeInName ? ",S=1000" : "";
            File.WriteAllBytes(Path.Combine(_path, "cur", $"1795312345.M{i:D6}P4711V801I00A1B2C3.mail{size}:2,S"), []);
        }

        _mailbox = MailboxDirectory.Find(BytePath.FromBytes(Encoding.UTF8.GetBytes(_path)), followLinks: true, out _)!;
        _root = _mailbox.Open(out _);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        Files.Close(_root);
        Directory.Delete(_path, recursive: true);
    }

    [Benchmark]
    public Usage? Count() => new MailboxCounter(CountingPolicy.MaildirPlusPlus, _root, _mailbox.Owner).Total();
}
