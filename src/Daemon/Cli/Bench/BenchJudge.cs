using System.Globalization;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>Truth and ledger of a mailbox by plain file calls: the engine's own code has no part in it.</summary>
internal static class BenchJudge
{
    public static Usage Truth(string mailbox)
    {
        long bytes = 0, messages = 0;
        foreach (var folder in Directory.GetDirectories(mailbox, ".*").Append(mailbox))
            foreach (var part in (ReadOnlySpan<string>)["new", "cur"])
                foreach (var path in Directory.EnumerateFiles(Path.Combine(folder, part)))
                {
                    bytes += SizeIn(Path.GetFileName(path));
                    messages++;
                }

        return new Usage(bytes, messages);
    }

    /// <summary>The lines added up; null when there is no ledger or it makes no sense.</summary>
    public static Usage? Ledger(string mailbox)
    {
        var path = Path.Combine(mailbox, "maildirsize");
        if (!File.Exists(path))
            return null;
        long bytes = 0, messages = 0;
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            var numbers = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (numbers.Length != 2 || !TryRead(numbers[0], out var size) || !TryRead(numbers[1], out var number))
                return null;
            (bytes, messages) = (bytes + size, messages + number);
        }

        return new Usage(bytes, messages);
    }

    private static long SizeIn(string name)
    {
        var digits = name[(name.IndexOf(",S=", StringComparison.Ordinal) + 3)..].Split(':')[0];
        return long.Parse(digits, CultureInfo.InvariantCulture);
    }

    private static bool TryRead(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
