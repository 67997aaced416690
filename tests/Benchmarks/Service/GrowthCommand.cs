using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using MaildirQuotaWatcher.Benchmarks.Pairs;
using MaildirQuotaWatcher.Cli.Bench;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Benchmarks.Service;

/// <summary>
/// <c>growth DIRECTORY TSV [--cold] N...</c>: the real daemon over N mailboxes of INBOX and five folders, that is 12
/// message directories, one row for each N. The store only grows from row to row, and is deleted by the caller.
/// </summary>
internal static partial class GrowthCommand
{
    private const int Folders = 5;
    private const int Messages = 12;

    /// <summary>Message directories, root, and the user's directory, which the search for mailboxes watches.</summary>
    private const int WatchesEach = 2 * (Folders + 1) + 2;

    private const int Deliveries = 200;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    /// <summary>Some seconds after a change the directories' times are noted for a restart; then there is rest.</summary>
    private static readonly TimeSpan Noting = TimeSpan.FromSeconds(10);

    private static readonly string[] Headings =
    [
        "mailboxes", "watches", "start s", "restart s", "cold start s", "cold restart s", "stop s", "RSS MB", "PSS MB",
        "bytes RSS/mailbox", "kernel MB", "CPU ms/10 s rest", "wake-ups/10 s", "p50 ms", "p99 ms", "max ms", "C first s",
        "C s", "cold C s",
    ];

    public static int Run(string directory, string? tsv, bool cold, int[] sizes)
    {
        var store = Directory.CreateDirectory(Path.Combine(directory, "growth")).FullName;
        var table = new TextTable(Headings);
        // What is made next must find room in memory: measured is the daemon, not what earlier work has left there.
        Tools.DropCaches();
        Console.WriteLine(Tools.Machine);
        var made = 0;
        List<object?[]> rows = [];
        foreach (var size in sizes.Order())
        {
            var took = Tools.MakeStore(store, made, size, Folders, Messages);
            Console.WriteLine(FormattableString.Invariant($"{size} mailboxes: {size - made} made in {took:F1} s"));
            made = size;
            using var watches = size * (long)WatchesEach > Tools.Limit("max_user_watches") * 0.9
                ? Tools.SetLimit("max_user_watches", size * (long)WatchesEach * 2)
                : null;
            rows.Add(Measure(directory, store, size, cold));
            table.Add(rows[^1]);
        }

        table.Print();
        Console.WriteLine("start: from exec to READY, every ledger judged, no state; restart: the same after a clean stop; "
            + "300 ms settle in both.\nC: limits/watch.c finds, watches and reads every directory on one thread; first right "
            + "after the store was made, then warm, as start and restart are.\nkernel: slab more than without the daemon"
            + (cold ? ", both after drop_caches: what it pins" : " (directories were cached before; --cold tells what is pinned)")
            + ".\np50, p99, max: from before the rename to the right maildirsize, less 300 ms settle, "
            + $"{Deliveries} deliveries to random mailboxes, 100 a second.");
        GrowthGoals.Print(rows.ConvertAll(row => (Func<string, double?>)(heading =>
            row[Array.IndexOf(Headings, heading)] is { } cell ? Convert.ToDouble(cell, CultureInfo.InvariantCulture) : null)));
        if (tsv is not null)
            table.AppendTo(tsv);
        return 0;
    }

    private static object?[] Measure(string directory, string store, int mailboxes, bool cold)
    {
        var scratch = Directory.CreateDirectory(Path.Combine(
            directory, "state-" + mailboxes.ToString(CultureInfo.InvariantCulture))).FullName;
        var pattern = Path.Combine(store, "%u", "Maildir");
        var nothing = Directory.CreateDirectory(Path.Combine(scratch, "nothing")).FullName;
        long empty;
        using (var daemon = RunningDaemon.Start(scratch, Path.Combine(nothing, "%u", "Maildir")))
        {
            daemon.AwaitRest();
            empty = daemon.Kilobytes("Rss");
            daemon.Stop();
        }

        Directory.Delete(Path.Combine(scratch, "state"), recursive: true);
        // The first reading after writing is the disk's, and not linear even in C; what is warm afterwards is so at any size.
        var first = Walk(store);
        double? coldWalk = null, coldStart = null, coldRestart = null;
        if (cold)
        {
            Tools.DropCaches();
            coldWalk = Walk(store);
            coldStart = StartCold(scratch, pattern);
            coldRestart = StartCold(scratch, pattern);
            Directory.Delete(Path.Combine(scratch, "state"), recursive: true);
        }

        var walk = Walk(store);
        var slab = Slab();
        long kernel;
        object?[] row;
        using (var daemon = RunningDaemon.Start(scratch, pattern))
        {
            daemon.AwaitRest();
            Thread.Sleep(Noting);
            kernel = Slab() - slab;
            var (rss, pss) = (daemon.Kilobytes("Rss"), daemon.Kilobytes("Pss"));
            var before = daemon.Cpu();
            Thread.Sleep(Rest);
            var (cpu, wakeups) = daemon.Cpu().Since(before);
            var latencies = Deliver(store, mailboxes);
            row =
            [
                mailboxes, Watches(daemon), daemon.ReadyAfter.TotalSeconds, null, coldStart, coldRestart,
                daemon.Stop().TotalSeconds, rss / 1024.0, pss / 1024.0, (rss - empty) * 1024 / mailboxes, null, cpu / 1e3,
                wakeups, Tools.Percentile(latencies, 0.5), Tools.Percentile(latencies, 0.99), Tools.Percentile(latencies, 1),
                first, walk, coldWalk,
            ];
        }

        using (var daemon = RunningDaemon.Start(scratch, pattern))
        {
            row[Array.IndexOf(Headings, "restart s")] = daemon.ReadyAfter.TotalSeconds;
            if (cold)
            {
                daemon.AwaitRest();
                kernel = SlabForgotten();
            }

            daemon.Stop();
        }

        row[Array.IndexOf(Headings, "kernel MB")] = (cold ? kernel - SlabForgotten() : kernel) / 1024.0;
        return row;
    }

    /// <summary>Seconds the C program needs for the same directories.</summary>
    private static double Walk(string store) => double.Parse(
        Tools.Run(Tools.C("watch"), store, "read").Split(' ')[0], CultureInfo.InvariantCulture) / 1e6;

    private static double StartCold(string scratch, string pattern)
    {
        Tools.DropCaches();
        using var daemon = RunningDaemon.Start(scratch, pattern);
        daemon.Stop();
        return daemon.ReadyAfter.TotalSeconds;
    }

    private static long Slab() => Tools.Kilobytes("/proc/meminfo", "Slab");

    /// <summary>What is left when the machine has forgotten all that nobody holds.</summary>
    private static long SlabForgotten()
    {
        Tools.DropCaches();
        return Slab();
    }

    private static double[] Deliver(string store, int mailboxes)
    {
        Lease.IgnoreBreakSignal();
        using var eye = new LedgerEye();
        var all = Enumerable.Range(0, mailboxes).ToArray();
        Random.Shared.Shuffle(all);
        var chosen = all.Take(Deliveries).Select(number => Adopted(store, number)).ToArray();
        foreach (var mailbox in chosen)
            eye.Watch(mailbox);
        foreach (var mailbox in chosen)
        {
            eye.Deliver(mailbox);
            Thread.Sleep(10);
        }

        eye.AwaitAll(TimeSpan.FromMinutes(2));
        foreach (var mailbox in chosen)
            mailbox.Dispose();
        return [.. eye.TakeMilliseconds().Select(milliseconds => milliseconds - 300)];
    }

    /// <summary>A mailbox of <c>mkstore.c</c>, ready to be written to.</summary>
    public static BenchMailbox Adopted(string store, int number)
    {
        var mailbox = new BenchMailbox(store, number);
        var inbox = Directory.EnumerateFiles(Path.Combine(mailbox.Path, "cur")).Count();
        mailbox.Adopt(inbox, BenchJudge.Truth(mailbox.Path));
        return mailbox;
    }

    /// <summary>As the daemon says in its log.</summary>
    private static long Watches(RunningDaemon daemon) => daemon.Lines
        .Select(line => KernelWatches().Match(line))
        .Where(match => match.Success)
        .Select(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
        .LastOrDefault(0);

    [GeneratedRegex("with ([0-9]+) kernel watches")]
    private static partial Regex KernelWatches();
}
