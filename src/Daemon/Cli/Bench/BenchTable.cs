using System.Globalization;
using Spectre.Console;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>The result: a framed table on a terminal, plain text in a pipe.</summary>
internal sealed class BenchTable
{
    private readonly IAnsiConsole _console = AnsiConsole.Console;
    private readonly bool _plain = Console.IsOutputRedirected;

    public BenchTable()
    {
        if (!_plain)
            return;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
        });
        _console.Profile.Width = 300;
    }

    public void Say(string sentence) => _console.WriteLine(sentence);

    /// <summary>What is being done now; only on a terminal.</summary>
    public void Progress(string work)
    {
        if (!_plain)
            _console.MarkupLine($"[grey]{Markup.Escape(work)}[/]");
    }

    public void Write(IEnumerable<BenchRow> rows)
    {
        var table = new Table { Border = _plain ? TableBorder.None : TableBorder.Rounded };
        table.BorderColor(Color.Grey);
        table.AddColumn("work");
        foreach (var heading in (ReadOnlySpan<string>)
            ["done", "per second", "events/s", "CPU µs/event", "p50 ms", "p99 ms", "max ms", "right after ms"])
            table.AddColumn(new TableColumn(heading).RightAligned().NoWrap());
        table.AddColumn("remark");
        foreach (var row in rows)
            table.AddRow(
                Markup.Escape(row.Work),
                Text(row.Operations, "N0"),
                Text(row.OperationsPerSecond, "N0"),
                Text(row.EventsPerSecond, "N0"),
                Text(row.CpuPerEvent, "N2"),
                Text(Percentile(row.Latencies, 0.5), "N2"),
                Text(Percentile(row.Latencies, 0.99), "N2"),
                Text(Percentile(row.Latencies, 1), "N2"),
                Text(row.RightAfter, "N0"),
                Markup.Escape(row.Remark));
        _console.Write(table);
    }

    private static double? Percentile(double[] sorted, double part) =>
        sorted.Length == 0 ? null : sorted[(int)Math.Ceiling((sorted.Length - 1) * part)];

    private static string Text(IFormattable? number, string format) =>
        number?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
