using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>The result: a framed table on a terminal, aligned text in a pipe, or JSON.</summary>
internal sealed class BenchTable
{
    private readonly IAnsiConsole _console = PlainConsole.Create(plainWidth: 300);
    private readonly bool _plain = Console.IsOutputRedirected;
    private readonly bool _json;

    public BenchTable(bool json)
    {
        _json = json;
    }

    public void Say(string sentence)
    {
        if (!_json)
            _console.WriteLine(sentence);
    }

    /// <summary>What is being done now; only on a terminal.</summary>
    public void Progress(string work)
    {
        if (!_plain && !_json)
            _console.MarkupLine($"[grey]{Markup.Escape(work)}[/]");
    }

    public void Write(IReadOnlyList<BenchRow> rows)
    {
        if (_json)
        {
            WriteJson(rows);
            return;
        }

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

    /// <summary>An array of objects; what was not measured is left out.</summary>
    private static void WriteJson(IReadOnlyList<BenchRow> rows)
    {
        using var output = Console.OpenStandardOutput();
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartArray();
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("work", row.Work);
            foreach (var (name, number) in (ReadOnlySpan<(string, double?)>)
            [
                ("done", row.Operations), ("per_second", row.OperationsPerSecond),
                ("events_per_second", row.EventsPerSecond), ("cpu_us_per_event", row.CpuPerEvent),
                ("p50_ms", Percentile(row.Latencies, 0.5)), ("p99_ms", Percentile(row.Latencies, 0.99)),
                ("max_ms", Percentile(row.Latencies, 1)), ("right_after_ms", row.RightAfter),
            ])
                if (number is { } known)
                    json.WriteNumber(name, Math.Round(known, 3));
            if (row.Remark.Length > 0)
                json.WriteString("remark", row.Remark);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.Flush();
        output.WriteByte((byte)'\n');
    }

    private static double? Percentile(double[] sorted, double part) =>
        sorted.Length == 0 ? null : sorted[(int)Math.Ceiling((sorted.Length - 1) * part)];

    private static string Text(IFormattable? number, string format) =>
        number?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
