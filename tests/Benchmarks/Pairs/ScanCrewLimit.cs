using System.Diagnostics;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>Counts a store of its own on several threads, as <c>inspect</c> does; the C side is <c>split.c</c>.</summary>
/// <param name="store">A directory to make; its mailboxes are INBOXes only.</param>
/// <param name="threads">Threads for mailboxes, or, of a single one, for its messages.</param>
internal sealed class ScanCrewLimit(string store, int threads) : IDisposable
{
    private readonly StatCrew _crew = new(threads - 1);

    /// <summary>The rows: many mailboxes, one large directory, and one of 3,000 messages, named or not.</summary>
    /// <param name="scratch">Where the stores are made, once.</param>
    /// <param name="split">The C program.</param>
    public static IEnumerable<Pair> Pairs(string scratch, string split)
    {
        foreach (var named in (bool[])[true, false])
        {
            var names = named ? "size in names" : "stat each";
            foreach (var (boxes, messages) in ((int, int)[])[(100, 2000), (1, 500_000), (1, 3000)])
            {
                var store = Path.Combine(scratch, $"{boxes}x{messages}{(named ? "" : "-stat")}");
                for (var box = 0; box < boxes; box++)
                    Fill(Path.Combine(store, $"m{box}"), messages, named);
                foreach (var threads in (int[])[1, 2])
                    yield return new Pair($"{boxes} x {messages}, {names}, {threads}",
                        new CProgram(split, store, $"{threads}").Run, new ScanCrewLimit(store, threads).Run);
            }
        }
    }

    public Timing Run()
    {
        var mailboxes = Directory.GetDirectories(store);
        var (next, messages) = (-1, 0L);
        var since = Stopwatch.GetTimestamp();
        var others = Enumerable.Range(1, mailboxes.Length > 1 ? threads - 1 : 0).Select(_ => new Thread(Work)).ToArray();
        foreach (var other in others)
            other.Start();
        Work();
        foreach (var other in others)
            other.Join();
        return new Timing(Stopwatch.GetElapsedTime(since).TotalMicroseconds, messages);

        void Work()
        {
            for (int i; (i = Interlocked.Increment(ref next)) < mailboxes.Length;)
                Interlocked.Add(ref messages, Count(mailboxes[i]).Messages);
        }
    }

    public void Dispose() => _crew.Dispose();

    private static void Fill(string mailbox, int messages, bool named)
    {
        foreach (var half in (string[])["new", "cur", "tmp"])
            Directory.CreateDirectory(Path.Combine(mailbox, half));
        for (var i = 0; i < messages; i++)
            File.Create(Path.Combine(mailbox, "cur",
                $"{1_690_000_000 + i}.M{i:D6}P4711.mx1.example.org{(named ? ",S=4096,W=4200" : "")}:2,S")).Dispose();
    }

    private Usage Count(string mailbox)
    {
        var path = BytePath.FromString(mailbox);
        var directory = MailboxDirectory.Find(path, followLinks: false, out _)!;
        var root = directory.Open(out _);
        var total = new MailboxCounter(CountingPolicy.MaildirPlusPlus, root, directory.Owner, _crew).Total()!.Value;
        Files.Close(root);
        return total;
    }
}
