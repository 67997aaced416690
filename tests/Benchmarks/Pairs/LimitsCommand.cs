using MaildirQuotaWatcher.Benchmarks.Service;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>
/// <c>limits</c>: the C programs, and the peers that are installed, against the product's own code, on the same store,
/// in random order in every round. Prints medians, their ratio, the goal, and whether it is reached.
/// </summary>
internal static class LimitsCommand
{
    public static int Run(LimitsOptions options, string? tsv)
    {
        Lease.IgnoreBreakSignal();
        var directory = Directory.CreateDirectory(
            Path.Combine(options.Place, $"maildir-quota-watcher-limits-{Environment.ProcessId}")).FullName;
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101); // the peers must get through
        Console.WriteLine($"{Tools.Machine}; medians, random order in each round, page cache warm unless it says cold");
        var table = new TextTable("work", "against", "theirs", "ours", "unit", "ours/theirs", "goal", "reached", "units");
        var isReached = true;
        try
        {
            using var contests = new Contests(options, directory);
            foreach (var contest in contests.All())
            {
                Console.Error.WriteLine($"... {contest.Against}: {string.Join(", ", contest.Rows().Select(row => row.Work))}");
                contest.Measure();
                foreach (var row in contest.Rows())
                {
                    var reached = row is { Theirs: { } theirs, Ours: { } ours } ? row.Goal.Reached(theirs, ours) : (bool?)null;
                    isReached &= reached ?? true;
                    table.Add(row.Work, contest.Against, row.Theirs, row.Ours, row.Unit, row.Ours / row.Theirs, row.Goal.Text,
                        row.Goal == Goal.None || reached is null ? "" : reached.Value ? "yes" : "NO", contest.Units);
                }
            }

            table.Print();
            Console.WriteLine("""
                units: messages, watches, events or lines of one run; 0 where a run is one whole. Peers: whole programs, their
                start included, ours in process, as the daemon does it; of Exim only what the recount takes. Times of C are
                its own, without its start.
                """);
            if (tsv is not null)
            {
                File.Delete(tsv);
                table.AppendTo(tsv);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        return isReached ? 0 : 1;
    }
}
