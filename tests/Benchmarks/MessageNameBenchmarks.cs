using BenchmarkDotNet.Attributes;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Benchmarks;

/// <summary>Name to size: what every event and every scanned entry pays. Nanoseconds a name.</summary>
[MemoryDiagnoser]
public class MessageNameBenchmarks
{
    private readonly byte[] _named = "1795312345.M123456P4711V0000000000000801I0000000000A1B2C3_0.mail.example.org,S=12345:2,RS"u8.ToArray();
    private readonly byte[] _unnamed = "1795312345.M123456P4711V0000000000000801I0000000000A1B2C3_0.mail.example.org:2,RS"u8.ToArray();
    private readonly NameHash _hash = new(1, 2);

    [Params("maildir++", "dovecot", "exim")]
    public string Counting { get; set; } = "";

    private CountingPolicy Policy => CountingPolicy.Find(Counting)!;

    [Benchmark(Baseline = true)]
    public long Named()
    {
        MessageName.Read(_named, Policy, out var bytes);
        return bytes;
    }

    [Benchmark]
    public MessageSizing WithoutSize() => MessageName.Read(_unnamed, Policy, out _);

    [Benchmark]
    public ulong Hash() => _hash.Of(_named);
}
