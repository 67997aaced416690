using System.Text;
using BenchmarkDotNet.Attributes;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Benchmarks;

/// <summary>Parsing one <c>maildirsize</c>, as each comparison does.</summary>
[MemoryDiagnoser]
public class MaildirSizeBenchmarks
{
    private readonly byte[] _line = new byte[MaildirSizeFormat.MaximumLine];
    private byte[] _content = [];

    [Params(1, 150)]
    public int Lines { get; set; }

    [GlobalSetup]
    public void Setup() => _content = Encoding.ASCII.GetBytes(
        "1000000000S,10000C\n" + string.Concat(Enumerable.Range(0, Lines).Select(line => $"{line,12} {1,12}\n")));

    [Benchmark]
    public Usage? Parse() => MaildirSizeFormat.Parse(_content, _content.Length).Usage;

    [Benchmark]
    public int Format() => MaildirSizeFormat.FormatLine(new UsageDelta(-123456, -1), _line);
}
