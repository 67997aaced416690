using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;
using Serilog;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// All watched mailboxes: what the kernel tells of them and the threads that read it, and workers that share the
/// mailboxes out by path. Safe from any thread.
/// </summary>
/// <remarks>
/// Implementation notes. Mailboxes that are polled, most of them on file servers, have a worker of their own, made with
/// the first of them: when a server does not answer, a system call does not return, and they keep nobody waiting but
/// each other.
/// </remarks>
internal sealed class AccountantPool : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ByPath<FollowedMailbox> _mailboxes = new();
    private readonly Dictionary<(ulong Device, ulong Inode), BytePath> _paths = [];
    private readonly Dictionary<BytePath, HashSet<BytePath>> _otherPaths = [];
    private readonly Dictionary<ulong, bool> _polledDevices = [];
    private readonly LineBudget _otherPathLines = new(perSecond: 20);
    private readonly PoolOptions _options;
    private readonly EventQueue[] _queues;
    private readonly MailboxWorker[] _workers;
    private readonly int[] _lastIds;
    private readonly StatCrew _pollingCrew = new();
    private readonly SignOfLife _pollingLife;
    private volatile MailboxWorker? _polling;

    /// <param name="options">What all mailboxes share.</param>
    /// <param name="inotify">The instance to use; disposed with the pool.</param>
    public AccountantPool(PoolOptions options, Inotify inotify)
    {
        _options = options with { Gone = Forget };
        var count = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
        // One more for those that are polled. See WatchOwner.WorkerOf.
        _lastIds = [.. Enumerable.Range(0, count + 1)];
        _queues = [.. Enumerable.Range(0, count + 1).Select(_ => new EventQueue())];
        Watches = new WatchSources(
            options.Source, inotify, _queues, static sentence => Log.Warning("{Sentence}", sentence),
            static error => Log.Fatal("{Error}: nothing is watched any more", error));
        _workers = [.. Enumerable.Range(0, count).Select(number => NewWorker(number, _options))];
        _pollingLife = new SignOfLife(PollingRoundTrip);
    }

    public WatchSources Watches { get; }

    public int Count
    {
        get
        {
            lock (_lock)
                return _mailboxes.Count;
        }
    }

    /// <summary>Begins to follow a mailbox, by the rules that <see cref="PoolOptions.RulesOf"/> has for it.</summary>
    /// <returns>False when that directory is followed already, by this path or another.</returns>
    public bool Add(string user, MailboxDirectory directory, bool recalculate = false)
    {
        var polled = IsPolled(directory);
        lock (_lock)
        {
            if (_paths.TryGetValue((directory.Device, directory.Inode), out var path))
            {
                if (!path.Equals(directory.Path))
                    Postpone(directory.Path, path);
                return false;
            }

            // Another directory at a path that is followed: the old one is found gone first, then looked for again.
            if (_mailboxes.TryGet(directory.Path, out _))
            {
                Check(directory.Path);
                return false;
            }

            // Bytes hash alike in one process only; that is all it takes to share mailboxes out.
            var worker = polled
                ? _polling ??= NewWorker(_workers.Length, _options with { Crew = _pollingCrew })
                : _workers[(uint)directory.Path.GetHashCode() % (uint)_workers.Length];
            var id = _lastIds[worker.Number] += _queues.Length;
            var mailbox = new FollowedMailbox(id, user, directory, worker);
            _mailboxes.Add(directory.Path, mailbox);
            _paths.Add((directory.Device, directory.Inode), directory.Path);
            worker.Post(now => worker.Add(mailbox, recalculate, now));
            return true;
        }
    }

    /// <summary>Lets go of a mailbox that is no longer ours to follow; it is not reported as gone.</summary>
    public void Release(BytePath path)
    {
        lock (_lock)
        {
            if (!_mailboxes.TryGet(path, out var mailbox))
                return;
            _mailboxes.Remove(path);
            _paths.Remove((mailbox.Directory.Device, mailbox.Directory.Inode));
            _otherPaths.Remove(path);
            mailbox.Worker.Post(_ =>
            {
                mailbox.Worker.Remove(mailbox);
                _options.Sink?.Forget(mailbox.AtWork());
            });
        }
    }

    /// <summary>Does something with every mailbox, each on its worker's thread.</summary>
    /// <param name="users">With those of these users only; null for all.</param>
    /// <param name="action">What.</param>
    public void ForEach(IReadOnlySet<string>? users, Action<Mailbox, Moment> action)
    {
        foreach (var worker in AllWorkers())
            worker.PostToAll(users, action);
    }

    /// <summary>Tells of every mailbox that cannot be kept right now, and why, each on its worker's thread.</summary>
    public void PostForTroubles(Action<BytePath, string> tell)
    {
        foreach (var worker in AllWorkers())
            worker.PostToThoseAtWork(mailbox =>
            {
                if (mailbox.Trouble is { } problem)
                    tell(mailbox.Path, problem);
            });
    }

    /// <summary>Done when every worker has come round to it: they are alive. The one that polls is not
    /// awaited.</summary>
    public Task RoundTrip() => Task.WhenAll(_workers.Select(static worker => worker.RoundTrip()));

    /// <summary>The same of the worker that polls.</summary>
    public Task PollingRoundTrip() => _polling?.RoundTrip() ?? Task.CompletedTask;

    /// <summary>Asks the worker that polls for a sign of life.</summary>
    /// <returns>False when none has come since the last time.</returns>
    public bool PollingAnswers() => _pollingLife.Ask();

    /// <summary>Looks whether the mailboxes at and below a path are still where they were.</summary>
    public void Check(BytePath path)
    {
        lock (_lock)
            foreach (var mailbox in _mailboxes.AtOrBelow(path))
                Check(mailbox);
    }

    /// <summary>Has the mailbox that a directory is in look for what has changed without an event.</summary>
    public void LookIn(BytePath directory)
    {
        lock (_lock)
            for (var end = directory.Bytes.LastIndexOf((byte)'/'); end > 0;
                end = directory.Bytes[..end].LastIndexOf((byte)'/'))
                if (_mailboxes.TryGet(BytePath.FromBytes(directory.Bytes[..end]), out var mailbox))
                    mailbox.Worker.Post(now => mailbox.Worker.LookAgain(mailbox, now));
    }

    /// <summary>
    /// Gives mailboxes other rules. Those found later ask <see cref="PoolOptions.RulesOf"/>, which has to know the new
    /// rules by now. Rules that change nothing for a mailbox do nothing to it.
    /// </summary>
    /// <param name="users">The mailboxes of these users only; null for all.</param>
    /// <param name="rulesOf">Asked for the user of each mailbox, on its worker's thread.</param>
    public void SetRules(IReadOnlySet<string>? users, Func<string, MailboxRules> rulesOf) =>
        ForEach(users, (mailbox, now) =>
        {
            var rules = rulesOf(mailbox.User);
            mailbox.SetRules(rules.Roots, rules.Limit, now);
        });

    /// <summary>Changes how hard the workers may scan; directory entries a second, 0 for as many as come.</summary>
    public void SetScanRate(long perSecond)
    {
        _options.Pace.PerSecond = perSecond;
        foreach (var worker in AllWorkers())
            worker.Post(static _ => { });
    }

    /// <summary>Mailboxes that are polled.</summary>
    public int Polled => AllWorkers().Sum(static worker => worker.Polled);

    /// <summary>Mailboxes at rest now, kept as a few bytes each.</summary>
    public int AtRest => AllWorkers().Sum(static worker => worker.AtRest);

    /// <summary>Directories whose usage was known from an earlier run.</summary>
    public int Recalled => AllWorkers().Sum(static worker => worker.Memory?.Recalled ?? 0);

    /// <summary>The users of all mailboxes.</summary>
    public IReadOnlySet<string> Users()
    {
        lock (_lock)
            return _mailboxes.Values.Select(static mailbox => mailbox.User).ToHashSet(StringComparer.Ordinal);
    }

    public IReadOnlyList<BytePath> Paths()
    {
        lock (_lock)
            return [.. _mailboxes.Values.Select(static mailbox => mailbox.Directory.Path)];
    }

    /// <summary>Whether a mailbox is followed whose file system may not answer.</summary>
    public bool IsPolled(BytePath path)
    {
        lock (_lock)
            return _mailboxes.TryGet(path, out var entry) && entry.Worker == _polling;
    }

    /// <summary>False when the mailbox has been let go, whether its worker has come to it or not.</summary>
    public bool Follows(Mailbox mailbox)
    {
        lock (_lock)
            return _mailboxes.TryGet(mailbox.Path, out var known) && ReferenceEquals(known, mailbox.Followed);
    }

    /// <summary>Told, on a worker thread, of a mailbox whose root is gone.</summary>
    public event Action<BytePath>? MailboxGone;

    /// <summary>
    /// Told, after <see cref="MailboxGone"/>, of another path at which the same directory has been found meanwhile.
    /// </summary>
    public event Action<BytePath>? Overlooked;

    public void Dispose()
    {
        Watches.Dispose();
        // The one that may hang comes last: the others keep what they know.
        foreach (var worker in _workers)
            worker.Dispose();
        var ended = _polling?.TryEnd() ?? true;
        foreach (var queue in ended ? _queues : _queues[..^1])
            queue.Dispose();
        _options.Crew.Dispose();
        if (ended)
            _pollingCrew.Dispose();
        Watches.Close(polled: ended);
    }

    private IEnumerable<MailboxWorker> AllWorkers() => _polling is { } polling ? _workers.Append(polling) : _workers;

    private MailboxWorker NewWorker(int number, PoolOptions options) => new(number, options, _queues[number], Watches);

    /// <summary>Whether mailboxes on that device are polled; asked of one mailbox a device.</summary>
    private bool IsPolled(MailboxDirectory directory)
    {
        lock (_lock)
            if (_polledDevices.TryGetValue(directory.Device, out var known))
                return known;
        var root = directory.Open(out var errno);
        // A server that is down may say so, and hang the next time.
        if (root < 0)
            return errno == Errno.EIO || errno == Errno.ENOTCONN || errno == Errno.ETIMEDOUT;
        var polled = FileSystemType.Of(root, out _).MustBePolled;
        Files.Close(root);
        lock (_lock)
            _polledDevices[directory.Device] = polled;
        return polled;
    }

    private static void Check(FollowedMailbox mailbox) => mailbox.Worker.Post(
        now => mailbox.Worker.Do(mailbox, now, static (mailbox, _) => mailbox.CheckRoot()));

    private void Forget(Mailbox mailbox)
    {
        HashSet<BytePath>? others;
        lock (_lock)
        {
            if (!Follows(mailbox))
                return;
            _mailboxes.Remove(mailbox.Path);
            _paths.Remove((mailbox.Directory.Device, mailbox.Directory.Inode));
            _otherPaths.Remove(mailbox.Path, out others);
        }

        _options.Sink?.Forget(mailbox);
        MailboxGone?.Invoke(mailbox.Path);
        foreach (var path in others ?? [])
            Overlooked?.Invoke(path);
    }

    /// <summary>
    /// Directory found at a second path: reachable by both, or renamed to this one and not yet missed at the other. It
    /// is taken up by this path when it is gone from that one.
    /// </summary>
    private void Postpone(BytePath path, BytePath followed)
    {
        if (!_otherPaths.TryGetValue(followed, out var others))
            _otherPaths.Add(followed, others = []);
        if (others.Add(path) && _otherPathLines.Allows(Environment.TickCount64, out _))
            Log.Warning("{Mailbox}: is followed already as {Path}", path.Display, followed.Display);
        if (_mailboxes.TryGet(followed, out var mailbox))
            Check(mailbox);
    }
}
