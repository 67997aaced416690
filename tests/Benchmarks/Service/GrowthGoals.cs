namespace MaildirQuotaWatcher.Benchmarks.Service;

/// <summary>What growth asks: linear or better from row to row, nothing at rest, memory and restart within bounds.</summary>
internal static class GrowthGoals
{
    /// <summary>Noise of a start on a shared machine, as a factor.</summary>
    private const double Tolerance = 1.1;

    private static readonly string[] Linear =
        ["start s", "restart s", "cold start s", "cold restart s", "C first s", "C s", "cold C s", "RSS MB"];

    /// <param name="rows">Each gives its number under a heading; null when it was not measured.</param>
    public static void Print(List<Func<string, double?>> rows)
    {
        var table = new TextTable("mailboxes", "goal", "measured", "reached");
        foreach (var row in rows)
        {
            var mailboxes = row("mailboxes") ?? 0;
            AtMost("CPU ms in 10 s at rest <= 1", row("CPU ms/10 s rest"), 1);
            AtMost("RSS MB <= 60 + 1 KB a mailbox", row("RSS MB"), 60 + mailboxes / 1024);
            AtMost("p50 ms <= 5 after the settle time", row("p50 ms"), 5);
            AtMost("p99 ms <= 50 after the settle time", row("p99 ms"), 50);
            if (row("start s") / row("C s") is { } times)
                table.Add(mailboxes, "start, times of C's walk", times, null);
            if (row("cold start s") / row("cold C s") is { } coldTimes)
                table.Add(mailboxes, "cold start, times of C's cold walk", coldTimes, null);
            if (row("cold start s") is { } cold && row("restart s") is { } restart)
                table.Add(mailboxes, "restart >= 20 times faster than cold start", cold / restart, Word(cold / restart >= 20));

            void AtMost(string goal, double? measured, double most) => table.Add(mailboxes, goal, measured, Word(measured <= most));
        }

        foreach (var (less, more) in rows.Zip(rows.Skip(1)))
            foreach (var heading in Linear)
                if (more(heading) / less(heading) is { } factor && more("mailboxes") / less("mailboxes") is { } times)
                    table.Add(more("mailboxes"), FormattableString.Invariant($"{heading}: {times:0.#} times the mailboxes, linear"),
                        factor, Word(factor <= times * Tolerance));
        table.Print();
    }

    private static string Word(bool reached) => reached ? "yes" : "NO";
}
