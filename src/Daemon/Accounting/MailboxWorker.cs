using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Watching;
using Serilog;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// One thread and the mailboxes that are its own: takes events, runs timers, scans a slice, waits. Mailboxes never move
/// between workers, so nothing in them needs a lock. Those to which nothing is happening are put to rest
/// (<see cref="FollowedMailbox"/>), and are at work again with the next thing that concerns them.
/// </summary>
internal sealed class MailboxWorker : IDisposable
{
    /// <summary>With nothing to do for so long, there is time to tidy up; milliseconds.</summary>
    private const long Calm = 1000;

    /// <summary>What so few mailboxes leave behind is not worth it.</summary>
    private const int FewMailboxes = 1000;

    private readonly Dictionary<int, FollowedMailbox> _mailboxes = [];
    private readonly PriorityQueue<Mailbox, long> _timetable = new();
    private readonly Queue<FollowedMailbox> _lost = new();
    private readonly ConcurrentQueue<Action<Moment>> _requests = new();
    private readonly List<Mailbox> _idle = [];
    private readonly PackedWriter _packed = new();
    private readonly EventQueue _events;
    private readonly Thread _thread;
    private List<EventQueue.Chunk> _chunks = [];
    private (long Since, int Mailboxes, int Changed) _loss;
    private readonly PollPlan<FollowedMailbox> _polls;
    // Those of rules that nobody uses any more go with the rules.
    private readonly ConditionalWeakTable<IFolderRoots, FolderNames> _names = new();
    private volatile int _polled;
    private volatile int _atRest;
    private int _rested;
    private volatile bool _stopping;
    private volatile bool _abandoned;

    public MailboxWorker(int number, PoolOptions options, EventQueue events, WatchSources watches)
    {
        Number = number;
        Watches = watches;
        Memory = options.Totals is { } totals ? new UsageMemory(totals, options.Accounting.Policy) : null;
        _polls = new PollPlan<FollowedMailbox>((long)options.PollEvery.TotalMilliseconds);
        Options = options;
        _events = events;
        Scanner = new MailboxScanner(options.Pace, options.Crew);
        _thread = new Thread(Run) { Name = $"mailboxes {number}", IsBackground = true };
        _thread.Start();
    }

    public int Number { get; }

    /// <summary>What all mailboxes share.</summary>
    public PoolOptions Options { get; }

    public WatchSources Watches { get; }

    public MailboxScanner Scanner { get; }

    public FreshNames FreshNames { get; } = new();

    /// <summary>What earlier runs knew; null when nothing is remembered.</summary>
    public UsageMemory? Memory { get; }

    /// <summary>Mailboxes that are looked at now and then because nobody tells of all their changes.</summary>
    public int Polled => _polled;

    /// <summary>Mailboxes at rest now.</summary>
    public int AtRest => _atRest;

    /// <summary>The folder names of all mailboxes with these roots.</summary>
    public FolderNames NamesBy(IFolderRoots roots) =>
        _names.GetValue(roots, fresh => new FolderNames(fresh, Options.Hash));

    /// <summary>Runs something on this worker's thread, between two mailboxes.</summary>
    public void Post(Action<Moment> request)
    {
        _requests.Enqueue(request);
        _events.Signal();
    }

    /// <summary>Done when this worker has come round to it: it is alive.</summary>
    public Task RoundTrip()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ => done.SetResult());
        return done.Task;
    }

    /// <summary>Takes a mailbox over and begins; on the worker's own thread.</summary>
    public void Add(FollowedMailbox mailbox, bool recalculate, Moment now)
    {
        _mailboxes.Add(mailbox.Id, mailbox);
        Do(mailbox, now, (mailbox, now) =>
        {
            if (Options.RulesOf?.Invoke(mailbox.User) is { } rules)
                mailbox.SetRules(rules.Roots, rules.Limit, now);
            if (recalculate)
                mailbox.Accountant.Recalculate(now);
            mailbox.Open(now);
        });
    }

    /// <summary>Lets go of a mailbox; on the worker's own thread.</summary>
    public void Remove(FollowedMailbox mailbox)
    {
        if (!_mailboxes.Remove(mailbox.Id))
            return;
        mailbox.AtWork().Close();
        _polls.Remove(mailbox);
        _polled = _polls.Count;
    }

    /// <summary>Does something with every mailbox there is by then, on the worker's thread.</summary>
    /// <param name="users">With those of these users only; null for all.</param>
    /// <param name="action">What.</param>
    public void PostToAll(IReadOnlySet<string>? users, Action<Mailbox, Moment> action) => Post(now =>
    {
        foreach (var mailbox in _mailboxes.Values.ToArray())
        {
            if (users?.Contains(mailbox.User) == false)
                continue;
            Do(mailbox, now, action);
            RestTheIdle(now);
        }
    });

    /// <summary>Looks at every mailbox at work, on the worker's thread; those at rest are in no trouble.</summary>
    public void PostToThoseAtWork(Action<Mailbox> look) => Post(_ =>
    {
        foreach (var mailbox in _mailboxes.Values)
            if (!mailbox.IsAtRest)
                look(mailbox.AtWork());
    });

    /// <summary>Does something with a mailbox; on the worker's own thread.</summary>
    public void Do(FollowedMailbox followed, Moment now, Action<Mailbox, Moment> action)
    {
        var mailbox = followed.AtWork();
        try
        {
            action(mailbox, now);
        }
#pragma warning disable CA1031 // One mailbox's failure harms no other.
        catch (Exception defect)
#pragma warning restore CA1031
        {
            Recover(mailbox, defect, now);
        }

        After(mailbox, now);
    }

    public void Dispose()
    {
        _stopping = true;
        _events.Signal();
        _thread.Join();
        Scanner.Dispose();
    }

    /// <summary>Ends it, unless it hangs: what it knows of its mailboxes is lost then, and costs a count.</summary>
    /// <returns>False when it hangs; everything that it uses has to stay.</returns>
    public bool TryEnd()
    {
        _stopping = true;
        _events.Signal();
        _abandoned = !_thread.Join(SignOfLife.Patience);
        if (!_abandoned)
            Scanner.Dispose();
        return !_abandoned;
    }

    private static Moment Now() => new(Environment.TickCount64, DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    private void Run()
    {
        OwnDirectory.Separate();
        while (!_stopping)
        {
            var now = Now();
            while (!_stopping && _requests.TryDequeue(out var request))
                request(now);
            TakeEvents(now);
            RunTimers(now);
            if (_polls.TryTake(now.Milliseconds, out var polled))
                Do(polled, now, static (mailbox, now) => mailbox.Poll(now));
            RestTheIdle(now);
            var scan = Scanner.DueAt;
            if (scan <= now.Milliseconds)
                Scan(now);
            else if (_lost.Count > 0 && !Scanner.HasWork)
                ReopenNext(now);
            else
                Wait(scan);
        }

        _ = _mailboxes.Values.All(
            mailbox => !_abandoned && (mailbox.IsAtRest || mailbox.AtWork().SaveAtEnd()));
    }

    /// <param name="scan">When the scanner goes on, monotonic milliseconds.</param>
    private void Wait(long scan)
    {
        var next = Math.Min(_polls.DueAt, _timetable.TryPeek(out _, out var at) ? Math.Min(at, scan) : scan);
        var due = next - Environment.TickCount64;
        if (due >= Calm && _rested >= Math.Max(FewMailboxes, _mailboxes.Count / 4))
            GiveBack();
        else if (due > 0)
            _events.Wait(due > int.MaxValue - 1 ? -1 : (int)due);
    }

    /// <summary>A mailbox is at rest no more.</summary>
    public void Woke() => _atRest--;

    /// <summary>Puts those to rest to which nothing is happening any more.</summary>
    private void RestTheIdle(Moment now)
    {
        List<Mailbox>? failed = null;
        foreach (var mailbox in _idle)
        {
            if (!mailbox.Followed.Is(mailbox) || !_mailboxes.ContainsKey(mailbox.Id) || !mailbox.MayRest)
                continue;
            try
            {
                mailbox.Followed.Rest(_packed);
            }
#pragma warning disable CA1031 // One mailbox's failure harms no other.
            catch (Exception defect)
#pragma warning restore CA1031
            {
                Recover(mailbox, defect, now);
                (failed ??= []).Add(mailbox);
                continue;
            }

            // What stands in the timetable for it is void.
            mailbox.ScheduledAt = long.MaxValue;
            _rested++;
            _atRest++;
        }

        _idle.Clear();
        foreach (var mailbox in failed ?? [])
            After(mailbox, now);
    }

    /// <summary>
    /// After a start, a loss of events or other rules most mailboxes have gone to rest and nothing is due: the system
    /// gets back what they took. In daily use the collections that come by themselves suffice.
    /// </summary>
    private void GiveBack()
    {
        _rested = 0;
        _idle.TrimExcess();
        _timetable.TrimExcess();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private void TakeEvents(Moment now)
    {
        var chunks = _events.Take(_chunks, out var lost);
        foreach (var chunk in chunks)
            while (!lost && chunk.Next(out var header, out var name))
                Take(header, name, now);
        _events.Recycle(chunks);
        _chunks = chunks;
        if (!lost)
            return;

        Log.Warning(
            "The kernel's event queue overflowed; the {Count} mailboxes of worker {Worker} are looked at again, and "
            + "what changed is counted. If this happens often, raise fs.inotify.max_queued_events (now {Limit})",
            _mailboxes.Count, Number, InotifyLimits.MaxQueuedEvents);
        if (_lost.Count == 0)
            _loss = (now.Milliseconds, 0, 0);
        _lost.Clear();
        foreach (var mailbox in _mailboxes.Values)
        {
            mailbox.HasLostEvents = true;
            if (!mailbox.IsAtRest)
                Scanner.Cancel(mailbox.AtWork());
            _lost.Enqueue(mailbox);
        }
    }

    /// <summary>
    /// Goes on after lost events, one mailbox at a time, so that those in use, which are taken first, do not wait for
    /// the others.
    /// </summary>
    private void ReopenNext(Moment now)
    {
        while (_lost.TryDequeue(out var mailbox))
        {
            if (!mailbox.HasLostEvents || !_mailboxes.ContainsKey(mailbox.Id))
                continue;
            Do(mailbox, now, Reopen);
            break;
        }

        if (_lost.Count == 0)
            Log.Information(
                "After the overflow worker {Worker} has looked at {Mailboxes} mailboxes in {Seconds:0.0} s; {Changed} "
                + "of their directories had changed and are counted again",
                Number, _loss.Mailboxes, (Environment.TickCount64 - _loss.Since) / 1000.0, _loss.Changed);
    }

    /// <summary>Looks for what nobody told of in a mailbox; on the worker's own thread.</summary>
    public void LookAgain(FollowedMailbox followed, Moment now)
    {
        if (!_mailboxes.ContainsKey(followed.Id))
            return;
        Scanner.Cancel(followed.AtWork());
        Do(followed, now, static (mailbox, now) => mailbox.Reopen(now));
    }

    private void Reopen(Mailbox mailbox, Moment now)
    {
        _loss.Changed += mailbox.Reopen(now);
        _loss.Mailboxes++;
    }

    private void Take(in EventHeader header, ReadOnlySpan<byte> name, Moment now)
    {
        if (!_mailboxes.TryGetValue(header.Mailbox, out var followed))
            return;
        var mailbox = followed.AtWork();
        try
        {
            if (followed.HasLostEvents)
                Reopen(mailbox, now);
            if (header.Kind == EventKind.Fence)
                mailbox.OnFence(header.Cookie, now);
            else
                mailbox.OnKernel(header, name, now);
        }
#pragma warning disable CA1031 // One mailbox's failure harms no other.
        catch (Exception defect)
#pragma warning restore CA1031
        {
            Recover(mailbox, defect, now);
        }

        After(mailbox, now);
    }

    private void RunTimers(Moment now)
    {
        while (_timetable.TryPeek(out var mailbox, out var at) && at <= now.Milliseconds)
        {
            _timetable.Dequeue();
            if (mailbox.ScheduledAt != at)
                continue;
            mailbox.ScheduledAt = long.MaxValue;
            if (_mailboxes.ContainsKey(mailbox.Id) && mailbox.DueAt <= now.Milliseconds)
                Do(mailbox.Followed, now, static (mailbox, now) => mailbox.Tick(now));
            else
                After(mailbox, now);
        }
    }

    private void Scan(Moment now) =>
        Do(Scanner.Next.Followed, now, static (mailbox, now) => mailbox.ScanSlice(now));

    private void Recover(Mailbox mailbox, Exception defect, Moment now)
    {
        Log.Error(defect, "{Mailbox}: internal error; the mailbox is counted again", mailbox.Path.Display);
        Scanner.Cancel(mailbox);
        mailbox.Suspend(now);
    }

    private void After(Mailbox mailbox, Moment now)
    {
        if (mailbox.IsGone)
        {
            Remove(mailbox.Followed);
            Options.Gone?.Invoke(mailbox);
            return;
        }

        if (mailbox.IsPolled && _mailboxes.ContainsKey(mailbox.Id))
        {
            _polls.Add(mailbox.Followed, now.Milliseconds);
            _polled = _polls.Count;
        }

        var due = mailbox.DueAt;
        if (due == long.MaxValue && (_idle.Count == 0 || _idle[^1] != mailbox))
            _idle.Add(mailbox);
        if (due >= mailbox.ScheduledAt || !_mailboxes.ContainsKey(mailbox.Id))
            return;
        mailbox.ScheduledAt = due;
        _timetable.Enqueue(mailbox, due);
    }
}
