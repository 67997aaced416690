using System.Diagnostics;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>What writers do to the store, each until its time is over. Every part returns its operations.</summary>
internal sealed class BenchWork(BenchStore store, BenchOptions options, CancellationToken stop)
{
    /// <summary>So many mailboxes are written to at once; each takes three descriptors.</summary>
    private const int MostBusy = 300;

    /// <summary>A queue larger than this is not filled: it would take too long.</summary>
    private const long LargestQueue = 200_000;

    private readonly BenchMailbox[] _busy = [.. store.Mailboxes.Take(MostBusy)];

    public int Busy => _busy.Length;

    /// <summary>Deliveries to one mailbox after the other, at a steady rate.</summary>
    public long DeliverPaced(double rate, BenchSink sink)
    {
        var since = Stopwatch.GetTimestamp();
        var done = 0L;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var elapsed = Stopwatch.GetElapsedTime(since);
            if (elapsed >= options.Duration)
                return done;
            if (done > elapsed.TotalSeconds * rate)
                Thread.Sleep(1);
            else
                _busy[done++ % _busy.Length].Deliver(sink.Expect);
        }
    }

    public long Deliver() => ForDuration(mailbox =>
    {
        mailbox.Deliver();
        return true;
    });

    public long ChangeFlags() => ForDuration(ChangeFlag);

    /// <summary>rsync of a directory of messages into mailboxes, one after the other.</summary>
    public long CopyIn(string rsync)
    {
        const int Each = 200;
        using var source = store.FillSource(Each, stop);
        var from = Path.Combine(source.Path, "cur");
        var since = Stopwatch.GetTimestamp();
        var done = 0;
        for (; done < _busy.Length && Stopwatch.GetElapsedTime(since) < options.Duration; done++)
            _busy[done].CopyIn(rsync, from, source.Usage);
        return done * Each;
    }

    /// <summary>Removes what was delivered, for so long or until nothing is left.</summary>
    public long Expunge() => ForDuration(mailbox =>
    {
        if (!mailbox.HasDelivered)
            return false;
        mailbox.Expunge();
        return true;
    });

    /// <summary><c>rm -r</c> of a folder in every busy mailbox; messages removed.</summary>
    public long RemoveFolders() => _busy.Where(mailbox => mailbox.HasFolder).Sum(mailbox => mailbox.RemoveFolder());

    /// <summary>Why the kernel's queue cannot be made to overflow, or null.</summary>
    public string? NoOverflow => InotifyLimits.MaxQueuedEvents is var limit && limit is 0 or > LargestQueue
        ? $"max_queued_events is {limit}"
        : !_busy.Any(mailbox => mailbox.HasFilled) ? "no messages to rename" : null;

    /// <summary>Twice as many events as the queue holds, as fast as several threads can.</summary>
    public long Flood()
    {
        const int EventsPerRename = 2;
        var writers = Math.Min(_busy.Length, Math.Max(2, Environment.ProcessorCount));
        var renames = 2 * InotifyLimits.MaxQueuedEvents / EventsPerRename / writers;
        var threads = Enumerable.Range(0, writers).Select(writer => new Thread(() =>
        {
            // Each mailbox has one writer only.
            var own = _busy.Where((mailbox, number) => number % writers == writer && mailbox.HasFilled).ToArray();
            for (var i = 0; own.Length > 0 && i < renames && !stop.IsCancellationRequested; i++)
                ChangeFlag(own[i % own.Length]);
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        stop.ThrowIfCancellationRequested();
        return renames * writers;
    }

    /// <summary>
    /// The same while the thread that reads the queue is held up (it hands over under a lock, and this callback of ours
    /// is called under it), then one delivery to each busy mailbox: nobody will hear of it, only a recount finds it.
    /// </summary>
    public long FloodWhileStalled(MailWatch watch)
    {
        using var stalled = new ManualResetEventSlim();
        using var flooded = new ManualResetEventSlim();
        watch.CountChanged = () =>
        {
            stalled.Set();
            flooded.Wait(CancellationToken.None);
        };
        try
        {
            // A new folder is a new watch.
            MaildirMaker.Make(Path.Combine(_busy[0].Path, ".Stall"));
            stalled.Wait(stop);
            var renames = Flood();
            foreach (var mailbox in _busy)
                mailbox.Deliver();
            return renames + _busy.Length;
        }
        finally
        {
            watch.CountChanged = null;
            flooded.Set();
        }
    }

    private static bool ChangeFlag(BenchMailbox mailbox)
    {
        if (!mailbox.HasFilled)
            return false;
        mailbox.ChangeFlag();
        return true;
    }

    /// <param name="operation">False when nothing is left to do in that mailbox.</param>
    private long ForDuration(Func<BenchMailbox, bool> operation)
    {
        var since = Stopwatch.GetTimestamp();
        var (done, idle) = (0L, 0);
        for (var i = 0; idle < _busy.Length && Stopwatch.GetElapsedTime(since) < options.Duration; i++)
        {
            stop.ThrowIfCancellationRequested();
            if (operation(_busy[i % _busy.Length]))
                (done, idle) = (done + 1, 0);
            else
                idle++;
        }

        return done;
    }
}
