using System.Diagnostics;
using MaildirQuotaWatcher.Cli.Bench;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Benchmarks.Service;

/// <summary>
/// Sees from outside when a <c>maildirsize</c> is right: an inotify watch of its own on each mailbox's root tells when
/// the file is written or replaced, then it is read and added up. One thread; the clock stops when the kernel reports
/// the write that made it right.
/// </summary>
internal sealed class LedgerEye : IDisposable
{
    private readonly Inotify _inotify = Inotify.Create(out _) ?? throw new IOException("no inotify instance left");
    private readonly Dictionary<int, BenchMailbox> _mailboxes = [];
    private readonly Dictionary<BenchMailbox, Queue<(Usage Usage, long Stamp)>> _awaited = [];
    private readonly List<double> _milliseconds = [];
    private readonly Lock _lock = new();
    private readonly Thread _thread;
    private bool _stopping;

    public LedgerEye()
    {
        _thread = new Thread(Look) { IsBackground = true, Name = "eye" };
        _thread.Start();
    }

    /// <summary>Changes whose ledgers are not right yet.</summary>
    public int Awaited
    {
        get
        {
            lock (_lock)
                return _awaited.Values.Sum(queue => queue.Count);
        }
    }

    /// <summary>How many times a ledger was replaced, not appended to.</summary>
    public int Replaced { get; private set; }

    /// <summary>From now on the writes to this mailbox's ledger are seen.</summary>
    public void Watch(BenchMailbox mailbox)
    {
        lock (_lock)
        {
            var watch = _inotify.AddWatch(
                BytePath.FromString(mailbox.Path), InotifyMask.IN_MODIFY | InotifyMask.IN_MOVED_TO, out var errno);
            if (watch < 0)
                throw new IOException(new SystemCallError("inotify_add_watch", mailbox.Path, errno).ToString());
            _mailboxes[watch] = mailbox;
            _awaited[mailbox] = new();
        }
    }

    /// <summary>The mailbox will hold this from that moment on.</summary>
    public void Expect(BenchMailbox mailbox, Usage usage, long stamp)
    {
        lock (_lock)
            _awaited[mailbox].Enqueue((usage, stamp));
    }

    /// <summary>One delivery, expected.</summary>
    public void Deliver(BenchMailbox mailbox) =>
        mailbox.Deliver((_, usage, stamp) => Expect(mailbox, usage, stamp));

    /// <summary>Milliseconds from each change to the right ledger, since asked last.</summary>
    public double[] TakeMilliseconds()
    {
        lock (_lock)
        {
            var all = _milliseconds.ToArray();
            _milliseconds.Clear();
            return all;
        }
    }

    /// <summary>Waits until everything expected is right.</summary>
    /// <exception cref="TimeoutException">Something is not.</exception>
    public void AwaitAll(TimeSpan patience)
    {
        var since = Stopwatch.GetTimestamp();
        while (Awaited > 0)
        {
            if (Stopwatch.GetElapsedTime(since) > patience)
                throw new TimeoutException($"{Awaited} deliveries are in no ledger after {patience}");
            Thread.Sleep(2);
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _stopping, true);
        _inotify.Wake();
        _thread.Join();
        _inotify.Dispose();
    }

    private void Look()
    {
        var buffer = new byte[64 * 1024];
        while (!Volatile.Read(ref _stopping))
        {
            _inotify.Wait(-1);
            int length;
            while ((length = _inotify.Read(buffer, out _)) > 0)
            {
                var now = Stopwatch.GetTimestamp();
                foreach (var record in new InotifyRecords(buffer.AsSpan(0, length)))
                    if (record.Name.SequenceEqual("maildirsize"u8))
                        Seen(record.Wd, (record.Mask & InotifyMask.IN_MOVED_TO) != 0, now);
            }
        }
    }

    private void Seen(int watch, bool replaced, long now)
    {
        lock (_lock)
        {
            if (replaced)
                Replaced++;
            if (!_mailboxes.TryGetValue(watch, out var mailbox) || BenchJudge.Ledger(mailbox.Path) is not { } ledger)
                return;
            // Deliveries only: a ledger that has more messages has the earlier ones too.
            var awaited = _awaited[mailbox];
            while (awaited.TryPeek(out var change)
                && (change.Usage == ledger || change.Usage.Messages < ledger.Messages))
                _milliseconds.Add(Stopwatch.GetElapsedTime(awaited.Dequeue().Stamp, now).TotalMilliseconds);
        }
    }
}
