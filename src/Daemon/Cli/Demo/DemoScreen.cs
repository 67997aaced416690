using System.Globalization;
using MaildirQuotaWatcher.Quota;
using Spectre.Console;

namespace MaildirQuotaWatcher.Cli.Demo;

/// <summary>What the spectator sees: colour and frames on a terminal, plain lines in a pipe.</summary>
internal sealed class DemoScreen
{
    private const int BarLength = 24;

    private readonly IAnsiConsole _console = PlainConsole.Create(plainWidth: 200);
    private readonly bool _plain = Console.IsOutputRedirected;
    private readonly List<DemoResult> _results = [];

    public void Open(string mailbox)
    {
        var text = $"A mailbox of its own, limit {SizeText.Format(DemoScript.Limit)}, used as mailboxes are used "
            + "everywhere.\n"
            + "The daemon keeps its [bold]maildirsize[/] (ledger) equal to its files (truth).\n"
            + $"[grey]{Markup.Escape(mailbox)}[/]";
        if (_plain)
            _console.MarkupLine($"MaildirQuotaWatcher at work\n{text}");
        else
            _console.Write(new Panel(new Markup(text)).Header("[bold] MaildirQuotaWatcher at work [/]")
                .RoundedBorder().BorderColor(Color.Grey).Padding(2, 0).Expand());
    }

    public void Begin(int number, string title, string act)
    {
        _console.WriteLine();
        _console.MarkupLine($"[bold]{number,2}  {Markup.Escape(title)}[/]");
        _console.MarkupLine($"    [grey]happens[/]  {Markup.Escape(act)}");
    }

    public void End(DemoResult result)
    {
        _results.Add(result);
        var wrote = result.Appended + result.Replaced > 0;
        var colour = wrote ? "[aqua]" : "[grey]";
        _console.MarkupLine($"    [grey]daemon[/]   {colour}{Markup.Escape(Describe(result))}[/]");
        foreach (var warning in result.Warnings)
            _console.MarkupLine($"    [grey]script[/]   [yellow]{Markup.Escape(warning)}[/]");
        var equal = result.IsRight
            ? $"[green]{EqualText(result.Took)}[/]"
            : "[red]DIFFERENT[/]";
        _console.MarkupLine($"    [grey]ledger[/]   {Amount(result.Ledger)}  {equal}");
        _console.MarkupLine($"    [grey]truth[/]    {Amount(result.Truth)}  {Bar(result.Truth)}");
    }

    public void Close(string? kept)
    {
        var table = new Table { Border = _plain ? TableBorder.None : TableBorder.Rounded };
        table.BorderColor(Color.Grey);
        table.AddColumn("what happened").AddColumn("daemon wrote");
        table.AddColumn(new TableColumn("ledger").RightAligned()).AddColumn(new TableColumn("truth").RightAligned());
        foreach (var result in _results)
            table.AddRow(
                Markup.Escape(result.Title),
                result.Appended + result.Replaced > 0 ? $"[aqua]{Markup.Escape(Short(result))}[/]" : "[grey]nothing[/]",
                Number(result.Ledger?.Bytes ?? 0),
                $"{Number(result.Truth.Bytes)} {(result.IsRight ? "[green]=[/]" : "[red]![/]")}");
        _console.WriteLine();
        _console.Write(table);

        var spared = _results.Where(result => result.Appended + result.Replaced == 0).Select(result => result.Title);
        var last = _results[^1];
        _console.MarkupLine($"[bold]ledger = truth[/] after all {_results.Count} steps: "
            + $"{Number(last.Truth.Bytes)} bytes, {last.Truth.Messages} messages.");
        _console.MarkupLine($"The daemon appended {Lines(_results.Sum(result => result.Appended))} "
            + $"and replaced the file {Times(_results.Sum(result => result.Replaced))};");
        _console.MarkupLine($"it wrote nothing for: {Markup.Escape(string.Join(", ", spared))}.");
        _console.MarkupLine(kept is null
            ? "Next, look at your own: [bold]maildir-quota-watcher inspect ~/Maildir[/]"
            : $"Next: [bold]maildir-quota-watcher inspect {Markup.Escape(kept)}[/]");
    }

    public void Fail(string sentence)
    {
        _console.WriteLine();
        _console.MarkupLine($"[red]{Markup.Escape(sentence)}[/]");
    }

    private bool Unicode => _console.Profile.Capabilities.Unicode;

    private static string Describe(DemoResult result)
    {
        var parts = result.Changes.Select(change => change.Action switch
        {
            LedgerAction.Appended => $"appended the line \"{change.Drift?.Bytes} {change.Drift?.Messages}\"",
            LedgerAction.Replaced => $"replaced the file: {Reason(change)}",
            LedgerAction.Failed or LedgerAction.Contested => change.Problem,
            _ => null,
        }).OfType<string>().ToArray();
        return parts.Length > 0 ? string.Join("; ", parts) : "wrote nothing: the ledger is right";
    }

    private static string Reason(UsageChange change) => change.Reason switch
    {
        RecalcReason.Missing => "Missing (there was none, and a limit is set)",
        RecalcReason.NearlyTooLong => "NearlyTooLong (others recount at 5120 bytes)",
        RecalcReason.TooLong => "TooLong (others recount at 5120 bytes)",
        var other => $"{other}",
    };

    private static string Short(DemoResult result) => string.Join(", ", result.Changes.Select(change =>
        change.Action switch
    {
        LedgerAction.Appended => $"\"{change.Drift?.Bytes} {change.Drift?.Messages}\"",
        LedgerAction.Replaced => $"all anew: {change.Reason}",
        _ => null,
    }).OfType<string>());

    private string Bar(Usage truth)
    {
        var percent = (int)(truth.Bytes * 100 / DemoScript.Limit);
        var filled = Math.Clamp(percent * BarLength / 100, 0, BarLength);
        var colour = percent >= DemoScript.Percent ? "yellow" : "green";
        if (_plain || !Unicode)
            return $"{percent} % of the limit";
        return $"[{colour}]{new string('━', filled)}[/][grey]{new string('─', BarLength - filled)}[/] {percent} %";
    }

    private static string EqualText(TimeSpan took) => took < TimeSpan.FromMilliseconds(50)
        ? "equal at once"
        : $"equal after {took.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s";

    private static string Amount(Usage? usage) => usage is { } known
        ? $"{Number(known.Bytes),9} bytes {known.Messages,4} messages"
        : "nothing readable";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Lines(int number) => number == 1 ? "1 line" : $"{number} lines";

    private static string Times(int number) => number == 1 ? "once" : $"{number} times";
}
