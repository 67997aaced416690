using System.Diagnostics;
using MaildirQuotaWatcher.Benchmarks.Service;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>The rows of PERFORMANCE that one process can measure; its stores are made when they are first needed.</summary>
internal sealed class Contests : IDisposable
{
    private const string Limit = "C";
    private const int Appends = 3000;
    private const int LatencyMailboxes = 200;

    private readonly LimitsOptions _options;
    private readonly string _directory;
    private readonly PeerPrograms? _peers;
    private readonly Lazy<Tree> _many;
    private readonly Lazy<Tree> _one;
    private readonly Lazy<Tree> _giant;
    private readonly Lazy<Tree> _unsized;
    private readonly Lazy<Tree> _giantUnsized;
    private readonly Lazy<Tree> _wide;
    private readonly List<IDisposable> _ends = [];

    public Contests(LimitsOptions options, string directory)
    {
        (_options, _directory) = (options, directory);
        _many = Store("many", options.Mailboxes, 5, options.Messages);
        _one = Store("one", 1, 5, 3000);
        _giant = Store("giant", 1, 0, options.Giant);
        _unsized = Store("unsized", options.Mailboxes, 5, options.Messages, sized: false);
        _giantUnsized = Store("giant-unsized", 1, 0, options.Giant, sized: false);
        _wide = Store("wide", options.Directories / 13, 5, 0);
        if (Environment.IsPrivilegedProcess)
            _ends.Add(_peers = new PeerPrograms(Path.Combine(directory, "peers")));
    }

    /// <summary>Those asked for, made ready one after the other.</summary>
    public IEnumerable<Contest> All() =>
        new[] { Counting(), ColdCounting(), Watching(), Events(), Ledgers(), Latencies(), Peers() }
            .SelectMany(some => some).Where(contest => contest.Is(_options.Only));

    public void Dispose()
    {
        foreach (var end in _ends)
            end.Dispose();
    }

    private IEnumerable<Contest> Counting()
    {
        yield return Scan(_many, "scan a message, ,S=", Goal.Speed(0.95));
        yield return Scan(_giant, "scan a message, one large mailbox", Goal.Speed(0.95));
        yield return Scan(_one, "scan a message, one of 3,000", Goal.None);
        yield return Scan(_unsized, "scan a message, no ,S=", Goal.Speed(0.9));
        yield return Scan(_many, "scan a message, ,S=, two threads", Goal.Speed(0.95), 2);
        yield return Scan(_unsized, "scan a message, no ,S=, two threads", Goal.Speed(0.9), 2);
        yield return new Contest("ours on one thread", () => new ScanLimit(_many.Value).Run(),
            () => new ScanLimit(_many.Value, 2).Run(), new Row("scan a message, ,S=, two threads", "us", Goal.Faster(1.6)));
        yield return new Contest("ours on one thread", () => new ScanLimit(_giantUnsized.Value).Run(),
            () => new ScanLimit(_giantUnsized.Value, 2).Run(),
            new Row("scan a message, no ,S=, one large mailbox, two threads", "us", Goal.Faster(1.6)));
    }

    private IEnumerable<Contest> ColdCounting()
    {
        if (!_options.Cold)
            yield break;
        foreach (var (store, name) in ((Lazy<Tree>, string)[])[(_many, ",S="), (_unsized, "no ,S=")])
            yield return new Contest(Limit, () => C("scan", store.Value.Root), () => new ScanLimit(store.Value).Run(),
                new Row($"cold scan a message, {name}", "us", Goal.Speed(0.9)))
            {
                WarmUp = 1, Rounds = 5, Before = Tools.DropCaches,
            };
    }

    private IEnumerable<Contest> Watching()
    {
        var few = Store("few", 200, 5, 0);
        yield return new Contest(Limit, () => C("watch", few.Value.Root, "read"), () => new WatchLimit(few.Value).Run(),
            new Row("watch and read a directory, 2,600", "us", Goal.Speed(0.9)));
        yield return new Contest(Limit, () => C("watch", _wide.Value.Root, "read"), () => new WatchLimit(_wide.Value).Run(),
            new Row($"watch and read a directory, {_options.Directories:N0}", "us", Goal.Speed(0.9))) { WarmUp = 1, Rounds = 5 };
        if (PeerPrograms.Has("inotifywait") && _peers is not null)
            yield return new Contest("inotifywait", () => InMilliseconds(_peers.Inotifywait(_wide.Value)()),
                () => InMilliseconds(Whole(new WatchLimit(_wide.Value).Run())),
                new Row("watch that store", "ms", Goal.Faster(3))) { WarmUp = 1, Rounds = 5 };
    }

    private IEnumerable<Contest> Events()
    {
        // Half the queue: two events a rename, and room for the mark.
        var renames = (int)Math.Min(InotifyLimits.MaxQueuedEvents / 2 - 100, 8000);
        var place = new Lazy<string>(() => Directory.CreateDirectory(Path.Combine(_directory, "drain")).FullName);
        yield return new Contest(Limit, () => C("drain", place.Value, renames),
            () => new DrainLimit(place.Value, renames, handOver: false).Run(),
            new Row("inotify event, drained", "us", Goal.Speed(0.9)));
        yield return new Contest(Limit, () => C("drain", place.Value, renames),
            () => new DrainLimit(place.Value, renames, handOver: true).Run(),
            new Row("inotify event, handed to a worker", "us", Goal.Speed(0.9)));
        yield return new Contest(Limit, () => C("drain", place.Value, renames), WholePathOf(renames - 1000),
            new Row("inotify event, counted (CPU, all threads)", "us", Goal.AtMost(1.5, "us"))) { Rounds = 7 };
        if (!Environment.IsPrivilegedProcess)
            yield break;
        foreach (var watched in (bool[])[true, false])
            yield return new Contest(Limit, () => C("fan", watched ? "drain" : "drop", place.Value, renames),
                () => new FanotifyDrainLimit(place.Value, renames, watched).Run(),
                new Row(watched ? "fanotify event, handed to a worker" : "fanotify event of another directory, dropped", "us",
                    watched ? Goal.Speed(0.9) : Goal.None));
        yield return new Contest("our inotify", () => InMilliseconds(Whole(new WatchLimit(_wide.Value).Run())),
            () => InMilliseconds(Whole(Mark(_wide.Value))),
            new Row($"events flow from {_options.Directories:N0} directories (one mark)", "ms", Goal.Faster(50)))
        {
            WarmUp = 1, Rounds = 5,
        };
    }

    private IEnumerable<Contest> Ledgers()
    {
        var place = new Lazy<string>(() => Directory.CreateDirectory(Path.Combine(_directory, "append")).FullName);
        foreach (var whole in (bool[])[false, true])
            yield return new Contest(Limit,
                () => C("append", Path.Combine(place.Value, "maildirsize"), Appends),
                () => new AppendLimit(place.Value, Appends, whole).Run(),
                new Row(whole ? "open root, read ledger, append" : "append a line, checks and lease", "us",
                    whole ? Goal.None : Goal.AtMost(8, "us")));
    }

    private IEnumerable<Contest> Latencies()
    {
        var (ofC, ofOurs) = (Store("latency-c", LatencyMailboxes, 0, 10), Store("latency-ours", LatencyMailboxes, 0, 10));
        foreach (var rate in (int[])[1000, 5000, 0])
        {
            var limit = new Lazy<LatencyLimit>(() => new LatencyLimit(ofC.Value, ofOurs.Value, _directory, rate, seconds: 2));
            Row[] rows = rate == 0
                ? [new Row("deliveries as fast as possible", "us each", Goal.Ratio(1.1))]
                :
                [
                    new Row($"rename to append, {rate}/s, p50", "us", Goal.Ratio(1.5)),
                    new Row($"rename to append, {rate}/s, p99", "us", rate == 5000 ? Goal.Ratio(2) : Goal.None),
                ];
            yield return new Contest(Limit, () => limit.Value.C(), () => limit.Value.Ours(), rows) { WarmUp = 1, Rounds = 5 };
        }
    }

    private IEnumerable<Contest> Peers()
    {
        if (_peers is null)
            yield break;
        var one = new Lazy<string>(() => Given(_one).Mailboxes[0]);
        var giant = new Lazy<string>(() => Given(_giant).Mailboxes[0]);
        if (PeerPrograms.Has("doveadm"))
        {
            var all = new Lazy<Func<Reading>>(() => _peers.DoveadmAll(Given(_many)));
            yield return Peer("doveadm", () => all.Value(), _many, "recalc of all users", Goal.Faster(1.3), 5);
            yield return Peer("doveadm", () => all.Value(), _many, "recalc of all users, two threads", Goal.Faster(2.5), 5, 2);
            yield return Peer("doveadm", () => _peers.Doveadm(giant.Value)(), _giant, "recalc, one large mailbox", Goal.Ratio(1), 5);
            yield return Peer("doveadm", () => _peers.Doveadm(one.Value)(), _one, "recalc, 3,000 messages", Goal.Faster(6), 15);
        }

        if (PeerPrograms.Has("maildirmake"))
        {
            yield return Peer("maildirmake -q", () => _peers.Maildirmake(giant.Value)(), _giant, "recalc, one large mailbox",
                Goal.Ratio(1), 5);
            yield return Peer("maildirmake -q", () => _peers.Maildirmake(one.Value)(), _one, "recalc, 3,000 messages",
                Goal.None, 15);
        }

        if (PeerPrograms.Has("exim4"))
        {
            yield return Peer("Exim", () => _peers.EximRecount(giant.Value)(), _giant, "recalc, one large mailbox", Goal.Faster(10), 5);
            yield return Peer("Exim", () => _peers.EximRecount(one.Value)(), _one, "recalc, 3,000 messages", Goal.Faster(10), 15);
        }

        yield return Peer("find -printf %f", () => _peers.Find(_many.Value)(), _many, "read all names", Goal.None, 5);
        yield return Peer("du", () => _peers.Du(_many.Value)(), _many, "read all names and sizes", Goal.None, 5);
    }

    private static Contest Peer(string program, Func<Reading> run, Lazy<Tree> store, string work, Goal goal, int rounds,
        int threads = 1) =>
        new(program, () => InMilliseconds(run()), () => InMilliseconds(Whole(new ScanLimit(store.Value, threads).Recalculate())),
            new Row(work, "ms", goal)) { WarmUp = 2, Rounds = rounds };

    private static Contest Scan(Lazy<Tree> store, string work, Goal goal, int threads = 1) => new(
        Limit, () => C("scan", store.Value.Root, threads), () => new ScanLimit(store.Value, threads).Run(),
        new Row(work, "us", goal));

    private static Reading C(string program, params object[] words) => new CProgram(program, words).Run();

    private static Reading Mark(Tree tree)
    {
        var since = Stopwatch.GetTimestamp();
        using var fanotify = Fanotify.Create(out _)!;
        var root = Files.OpenDirectory(BytePath.FromString(tree.Root), followLinks: true, out _);
        var errno = fanotify.Mark(root);
        var took = Stopwatch.GetElapsedTime(since);
        Files.Close(root);
        return errno.IsOk ? new Timing(took.TotalMicroseconds, 1) : throw new InvalidOperationException($"{errno}");
    }

    /// <summary>A run as one whole instead of a message.</summary>
    private static Reading Whole(Reading each) => new([each.Numbers[0] * each.Units], 0);

    private static Reading InMilliseconds(Reading reading) => reading with { Numbers = [reading.Numbers[0] / 1000] };

    private Func<Reading> WholePathOf(int renames)
    {
        var path = new Lazy<WholePath>(() =>
        {
            var store = Tree.Make(_directory, "path", 50, 0, 1000);
            var daemon = RunningDaemon.Start(_directory, Path.Combine(store.Root, "%u", "Maildir"));
            _ends.Add(daemon);
            return new WholePath(
                daemon, [.. Enumerable.Range(0, 50).Select(number => GrowthCommand.Adopted(store.Root, number))], renames);
        });
        return () => path.Value.Run() with { Units = 0 };
    }

    private Tree Given(Lazy<Tree> store)
    {
        _peers!.Give(store.Value);
        return store.Value;
    }

    private Lazy<Tree> Store(string name, int mailboxes, int folders, int messages, bool sized = true) =>
        new(() => Tree.Make(_directory, name, mailboxes, folders, messages, sized));
}
