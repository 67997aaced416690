using System.Globalization;
using MaildirQuotaWatcher.Cli;
using MaildirQuotaWatcher.Cli.Bench;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>
/// <c>limits DIRECTORY [TSV]</c>: the C programs built into that directory against the product's own code, on one
/// tree, in random order in every round. Prints medians of microseconds per unit and the ratio ours/C.
/// </summary>
internal static class LimitsCommand
{
    private const int Rounds = 9;

    /// <summary>Rounds before those that count: caches, and the compiler's later tiers.</summary>
    private const int WarmUp = 4;

    private const int Appends = 3000;

    public static int Run(string[] words)
    {
        if (words.Length is < 1 or > 2)
        {
            Console.Error.WriteLine("limits DIRECTORY-OF-THE-C-PROGRAMS [FILE.tsv]; see tests/Benchmarks/limits/run");
            return 2;
        }

        Lease.IgnoreBreakSignal();
        var options = new BenchOptions { Mailboxes = 200, Folders = 5, Messages = 1000 };
        using var store = BenchStore.Open(null, out _)!;
        store.Fill(options, CancellationToken.None);
        var scratch = Directory.CreateDirectory(Path.Combine(store.Root, ".scratch")).FullName;
        // Half the queue: two events a rename, and room for the mark.
        var renames = (int)Math.Min(InotifyLimits.MaxQueuedEvents / 2 - 100, 8000);
        var ledger = Path.Combine(scratch, "maildirsize");

        string C(string program) => Path.Combine(words[0], program);
        Pair[] pairs =
        [
            new("scan a message", new CProgram(C("scan"), store.Root).Run, new ScanLimit(store).Run),
            .. ScanCrewLimit.Pairs(Path.Combine(scratch, "split"), C("split")),
            new("watch a directory", new CProgram(C("watch"), store.Root).Run, new WatchLimit(store).Run),
            new("drain an event", new CProgram(C("drain"), scratch, Text(renames)).Run,
                new DrainLimit(scratch, renames, handOver: false).Run),
            new("drain and hand over an event", new CProgram(C("drain"), scratch, Text(renames)).Run,
                new DrainLimit(scratch, renames, handOver: true).Run),
            new("append a line (lease, checks)", new CProgram(C("append"), ledger, Text(Appends)).Run,
                new AppendLimit(scratch, Appends, whole: false).Run),
            new("open root, read, append", new CProgram(C("append"), ledger, Text(Appends)).Run,
                new AppendLimit(scratch, Appends, whole: true).Run),
        ];
        using (var fanotify = Fanotify.Create(out var problem))
        {
            if (fanotify is null)
                Console.Error.WriteLine($"fanotify is not measured: {problem}");
            else
                pairs =
                [
                    .. pairs,
                    new("watch a directory, fanotify", new CProgram(C("fan"), "watch", store.Root).Run,
                        new WatchLimit(store, SourceChoice.Fanotify).Run),
                    new("drain an event, fanotify", new CProgram(C("fan"), "drain", scratch, Text(renames)).Run,
                        new FanotifyDrainLimit(scratch, renames, watched: true).Run),
                    new("drop a foreign event", new CProgram(C("fan"), "drop", scratch, Text(renames)).Run,
                        new FanotifyDrainLimit(scratch, renames, watched: false).Run),
                ];
        }

        foreach (var pair in pairs)
            pair.Measure(WarmUp, Rounds);

        Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd}, Linux {Environment.OSVersion.Version}, "
            + $"{Environment.ProcessorCount} processors, .NET {Environment.Version}; medians of {Rounds} rounds, "
            + "random order in each, page cache warm");
        Console.WriteLine($"{"microseconds each",-32}{"C",10}{"ours",10}{"ours/C",10}{"units",10}");
        foreach (var pair in pairs)
            Console.WriteLine(FormattableString.Invariant(
                $"{pair.Name,-32}{pair.C,10:N3}{pair.Ours,10:N3}{pair.Ours / pair.C,10:N2}{pair.Units,10}"));
        if (words.Length == 2)
            File.WriteAllLines(words[1], pairs.Select(pair => FormattableString.Invariant(
                $"\"{pair.Name}\"\t{pair.C:F4}\t{pair.Ours:F4}\t{pair.Ours / pair.C:F3}")));
        return 0;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
