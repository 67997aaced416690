using System.Globalization;

namespace MaildirQuotaWatcher.Benchmarks.Service;

/// <summary>Columns of text, the first to the left, numbers to the right; and the same as tab separated lines.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    public void Add(params object?[] cells) => _rows.Add([.. cells.Select(Text)]);

    public void Print()
    {
        var widths = headings.Select((heading, column) =>
            _rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToArray();
        foreach (var row in _rows.Prepend(headings))
            Console.WriteLine(string.Join("  ", row.Select((cell, column) =>
                column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))).TrimEnd());
    }

    /// <summary>Adds the rows to a file; headings only when it is new.</summary>
    public void AppendTo(string file)
    {
        if (!File.Exists(file))
            File.WriteAllText(file, string.Join('\t', headings.Select(Quoted)) + "\n");
        File.AppendAllLines(file, _rows.Select(row => string.Join('\t', row.Select(Quoted))));
    }

    private static string Text(object? cell) => cell switch
    {
        null => "-",
        double number => number switch
        {
            >= 1000 => number.ToString("F0", CultureInfo.InvariantCulture),
            >= 10 => number.ToString("F1", CultureInfo.InvariantCulture),
            _ => number.ToString("F2", CultureInfo.InvariantCulture),
        },
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => cell.ToString() ?? "",
    };

    private static string Quoted(string cell) => cell.Contains(' ', StringComparison.Ordinal) ? $"\"{cell}\"" : cell;
}
