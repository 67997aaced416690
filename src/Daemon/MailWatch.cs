using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Control;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;
using Serilog;

namespace MaildirQuotaWatcher;

/// <summary>
/// The whole machine, wired: locations find mailboxes, the pool follows them, sinks hear of changes. Used by all verbs.
/// </summary>
internal sealed class MailWatch : IDisposable, IChangeSink
{
    private readonly Lock _lock = new();
    private readonly HashSet<BytePath> _unsettled = [];
    private readonly LineBudget _goneLines = new(perSecond: 20);
    private readonly MailWatchOptions _options;
    private readonly AccountantPool _pool;
    private readonly LocationWatcher _locations;
    private readonly LocationWatcher _servedLocations;
    private readonly SignOfLife _servedLife;
    private bool _silent;
    private volatile Func<string, MailboxRules> _rulesOf;
    private HashSet<BytePath>? _seen;
    private TaskCompletionSource? _allSettled;

    private MailWatch(MailWatchOptions options, PoolOptions poolOptions, Inotify[] inotify)
    {
        _options = options;
        _rulesOf = options.RulesOf ?? RulesFor(options.Limit);
        _pool = new AccountantPool(poolOptions with { Sink = this, RulesOf = user => _rulesOf(user) }, inotify[0]);
        _pool.MailboxGone += LoseSight;
        _pool.Overlooked += LookAgain;
        _locations = Search(inotify[1], null);
        _servedLocations = Search(inotify[2], options.PollEvery);
        _servedLife = new SignOfLife(_servedLocations.RoundTrip);
    }

    /// <summary>Mailboxes followed now.</summary>
    public int Count => _pool.Count;

    /// <summary>Kernel watches held now.</summary>
    public int Watches => _pool.Watches.Count;

    /// <summary>Those of them that fanotify has, which no limit bounds.</summary>
    public int FanotifyWatches => _pool.Watches.OfFanotify;

    /// <summary>Mailboxes on file systems that do not tell of every change.</summary>
    public int Polled => _pool.Polled;

    /// <inheritdoc cref="AccountantPool.AtRest"/>
    public int AtRest => _pool.AtRest;

    /// <inheritdoc cref="AccountantPool.Recalled"/>
    public int Recalled => _pool.Recalled;

    /// <summary>How often the kernel's queue has overflowed.</summary>
    public long Overflows => _pool.Watches.Overflows;

    /// <summary>When it last did; null for never.</summary>
    public DateTimeOffset? LastOverflow => _pool.Watches.LastOverflow;

    /// <summary>Records of the kernel taken from its queue until now.</summary>
    public long Events => _pool.Watches.Events;

    /// <summary>Mailboxes that have not yet been judged for the first time.</summary>
    public int Unsettled
    {
        get
        {
            lock (_lock)
                return _unsettled.Count;
        }
    }

    /// <summary>Starts the threads; null, with the reason, when the system gives no inotify instance.</summary>
    public static MailWatch? Start(MailWatchOptions options, out string? problem)
    {
        problem = null;
        Lease.IgnoreBreakSignal();
        var inotify = new List<Inotify>();
        var errno = Errno.None;
        while (inotify.Count < 3 && Inotify.Create(out errno) is { } one)
            inotify.Add(one);
        if (inotify.Count == 3)
            return new MailWatch(
                options,
                new PoolOptions(options.Accounting, options.Totals?.NameKey ?? NewHash())
                {
                    Workers = options.Workers,
                    Pace = new ScanPace(options.Background, options.ScanRate),
                    Source = options.Source,
                    RetryAfter = options.RetryAfter,
                    Totals = options.Totals,
                    PollEvery = options.PollEvery,
                },
                [.. inotify]);
        foreach (var one in inotify)
            one.Dispose();
        problem = new SystemCallError("inotify_init1", "", errno)
            + $"; fs.inotify.max_user_instances is {InotifyLimits.MaxUserInstances}: raise it, or end other watchers";
        return null;
    }

    /// <summary>Told that <see cref="Count"/> or <see cref="Watches"/> changed; returns at once, any thread.</summary>
    public Action? CountChanged
    {
        get => _pool.Watches.CountChanged;
        set => _pool.Watches.CountChanged = value;
    }

    /// <summary>
    /// Looks for mailboxes in these places, and in no others, from now on. Done when those that are there have been
    /// found, and those that no place leads to any longer have been let go.
    /// </summary>
    /// <param name="locations">The places.</param>
    /// <param name="waitForServers">False: what a file server that does not answer holds up comes later.</param>
    public async Task Explore(IReadOnlyList<Location> locations, bool waitForServers = true)
    {
        HashSet<BytePath> seen = [];
        lock (_lock)
            _seen = seen;
        await _locations.Explore(locations).ConfigureAwait(false);
        var served = _servedLocations.Explore(locations);
        var strays = LetGoAsync(served, seen, locations);
        Explored = strays;
        if (waitForServers || await _servedLocations.Does(served).ConfigureAwait(false))
            await strays.ConfigureAwait(false);
        else
            Log.Warning("A file system that other machines serve does not answer: mailboxes there are looked for when "
                + "it does, those elsewhere are followed");
    }

    /// <summary>Done when everything has been looked at, also what a file server held up.</summary>
    public Task Explored { get; private set; } = Task.CompletedTask;

    /// <summary>Lets those go that were not seen, when everything has been looked at.</summary>
    private async Task LetGoAsync(Task looked, HashSet<BytePath> seen, IReadOnlyList<Location> locations)
    {
        await looked.ConfigureAwait(false);
        lock (_lock)
        {
            // Whoever looks again meanwhile sees what there is then.
            if (_seen != seen)
                return;
            _seen = null;
        }

        var strays = _pool.Paths().Where(path => !seen.Contains(path)).ToArray();
        foreach (var path in strays)
        {
            _pool.Release(path);
            Settled(path);
            Log.Information("{Mailbox}: in no location any more; let go", path.Display);
        }

        // One of them may have stood in for the same directory under another name.
        if (strays.Length > 0)
            await Task.WhenAll(_locations.Explore(locations), _servedLocations.Explore(locations))
                .ConfigureAwait(false);
    }

    /// <summary>What following the mailboxes found until now will take, from a look at some of them.</summary>
    public StartPlan Plan()
    {
        const int looks = 200;
        var paths = _pool.Paths();
        var (looked, folders) = (0L, 0L);
        foreach (var path in paths.Where((_, number) => number % Math.Max(1, paths.Count / looks) == 0))
        {
            // Nobody may wait for a server here.
            if (_pool.IsPolled(path))
                continue;
            if (MailboxDirectory.Find(path, followLinks: false, out _) is not { } mailbox
                || mailbox.Open(out _) is not (>= 0 and var root))
                continue;
            looked++;
            folders += 1 + MaildirLayout.Folders(root, _options.Accounting.Policy, mailbox.Owner, out _).Count;
            Files.Close(root);
        }

        var all = looked == 0 ? paths.Count : (long)Math.Round((double)folders / looked * paths.Count);
        var source = _options.Source == SourceChoice.Fanotify && _pool.Watches.HasFanotify ? "fanotify" : "inotify";
        return new StartPlan(
            paths.Count, all, 2 * all, paths.Count + 2 * all, source, InotifyLimits.MaxUserWatches)
        {
            IsEstimate = looked < paths.Count,
        };
    }

    /// <summary>
    /// Tells when a file of the system, such as /etc/passwd, is replaced or written; of a directory, when any file in
    /// it is.
    /// </summary>
    /// <param name="orGone">Also when it is removed or moved away.</param>
    public void Notice(string file, bool orGone, Action changed)
    {
        var any = Directory.Exists(file);
        var directory = BytePath.FromString(any ? file : Path.GetDirectoryName(file)!);
        var name = any ? [] : Encoding.UTF8.GetBytes(Path.GetFileName(file));
        _locations.Notice(directory, name, orGone, changed);
        _servedLocations.Notice(directory, name, orGone, changed);
    }

    /// <summary>The users of the mailboxes that are followed now.</summary>
    public IReadOnlySet<string> Users() => _pool.Users();

    /// <summary>
    /// Done when every thread of the machine has answered; never, when one hangs. Those that a dead file server may
    /// hold up are not awaited, for to begin anew would not help; that they are silent is said.
    /// </summary>
    public Task RoundTrip()
    {
        var silent = !_pool.PollingAnswers() | !_servedLife.Ask();
        if (silent && !_silent)
            Log.Warning("A file system that other machines serve does not answer: mailboxes that are polled wait "
                + "for it, the others do not");
        _silent = silent;
        return Task.WhenAll(_locations.RoundTrip(), _pool.RoundTrip());
    }

    /// <summary>
    /// <see cref="MailWatchOptions.RulesOf"/> says something else now: the mailboxes take it, and the sinks hear once
    /// more what each was found to hold last, since more may hang on the rules than the limit.
    /// </summary>
    /// <param name="users">Whose rules; null for everybody's.</param>
    public void RulesChanged(IReadOnlySet<string>? users)
    {
        _pool.SetRules(users, user => _rulesOf(user));
        _pool.ForEach(users, (mailbox, _) => Await(mailbox));
        foreach (var sink in _options.Sinks.Where(sink => sink.HearsAgain))
            Repeat(sink, users);
    }

    /// <summary>Hands a sink once more what each mailbox was found to hold last.</summary>
    /// <param name="sink">Who is told.</param>
    /// <param name="users">Of whose mailboxes; null for all.</param>
    public void Repeat(IChangeSink sink, IReadOnlySet<string>? users = null) => _pool.ForEach(users, (mailbox, _) =>
    {
        if (mailbox.Accountant.Reported is { } change)
            sink.Accept(mailbox, change);
    });

    /// <summary>
    /// The mailboxes that cannot be kept right now, and why; without those of file systems that do not answer.
    /// </summary>
    /// <returns>With whether all file systems that other machines serve answer.</returns>
    public async Task<(bool Answers, IReadOnlyList<(string Mailbox, string Problem)> Troubles)> TroublesAsync()
    {
        var troubles = new ConcurrentQueue<(string, string)>();
        _pool.PostForTroubles((path, problem) => troubles.Enqueue((path.Display, problem)));
        var served = Task.WhenAll(_pool.PollingRoundTrip(), _servedLocations.RoundTrip());
        await _pool.RoundTrip().ConfigureAwait(false);
        var first = await Task.WhenAny(served, Task.Delay(SignOfLife.Patience)).ConfigureAwait(false);
        return (first == served, [.. troubles]);
    }

    /// <summary>Changes <see cref="MailWatchOptions.ScanRate"/>.</summary>
    public void SetScanRate(long perSecond) => _pool.SetScanRate(perSecond);

    /// <summary>Done when every mailbox found until now has been judged once, or is gone.</summary>
    public Task AllSettled()
    {
        lock (_lock)
        {
            if (_unsettled.Count == 0)
                return Task.CompletedTask;
            _allSettled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _allSettled.Task;
        }
    }

    /// <summary>
    /// The same, but mailboxes that wait for a file server are not awaited while it does not answer.
    /// </summary>
    /// <returns>False when there are such.</returns>
    public async Task<bool> AllSettledThatAnswer()
    {
        var (settled, life) = (AllSettled(), new SignOfLife(_pool.PollingRoundTrip));
        while (await Task.WhenAny(settled, Task.Delay(SignOfLife.Patience)).ConfigureAwait(false) != settled)
            if (!life.Ask() && OnlyPolledAreUnsettled())
                return false;
        return true;
    }

    public void Dispose()
    {
        _locations.Dispose();
        _servedLocations.Dispose();
        _pool.Dispose();
    }

    void IChangeSink.Accept(Mailbox mailbox, UsageChange change)
    {
        foreach (var sink in _options.Sinks)
            if (sink.HearsAgain || !change.SaysNothingNew)
                sink.Accept(mailbox, change);
        Settled(mailbox.Path);
    }

    void IChangeSink.Forget(Mailbox mailbox)
    {
        foreach (var sink in _options.Sinks)
            sink.Forget(mailbox);
    }

    private static NameHash NewHash()
    {
        Span<byte> key = stackalloc byte[16];
        RandomNumberGenerator.Fill(key);
        return new NameHash(
            BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]));
    }

    private Func<string, MailboxRules> RulesFor(QuotaLimit? limit)
    {
        var forced = limit is { } set ? new ConfiguredLimit(set, Forced: true) : (ConfiguredLimit?)null;
        var rules = new MailboxRules(_options.Accounting.Policy, forced);
        return _ => rules;
    }

    private void Found(FoundMailbox found)
    {
        bool isNew;
        lock (_lock)
        {
            isNew = _unsettled.Add(found.Path);
            _seen?.Add(found.Path);
        }

        var directory = new MailboxDirectory(found.Path, found.Device, found.Inode, found.Owner);
        // Found again before it was judged: that is still to come.
        if (!_pool.Add(found.User, directory, _options.Recalculate) && isNew)
            Settled(found.Path);
    }

    private void LoseSight(BytePath path)
    {
        Settled(path);
        if (_goneLines.Allows(Environment.TickCount64, out var leftOut))
            Log.Information("{Mailbox}: gone; looked for again{LeftOut}", path.Display,
                leftOut == 0 ? "" : $" ({leftOut} such lines left out)");
        LookAgain(path);
    }

    private void LookAgain(BytePath path)
    {
        _locations.LookAgain(path);
        _servedLocations.LookAgain(path);
    }

    private LocationWatcher Search(Inotify inotify, TimeSpan? poll) =>
        new(inotify, Found, _pool.Check, _pool.LookIn, problem => Log.Error("{Problem}", problem), poll);

    private bool OnlyPolledAreUnsettled()
    {
        BytePath[] unsettled;
        lock (_lock)
            unsettled = [.. _unsettled];
        return unsettled.All(_pool.IsPolled);
    }

    /// <summary>Judged by rules of before only: not settled, until it has been judged by those of now.</summary>
    private void Await(Mailbox mailbox)
    {
        if (mailbox.Accountant.Reported is not null || mailbox.IsInTrouble)
            return;
        lock (_lock)
            _unsettled.Add(mailbox.Path);
        // Whoever has let it go meanwhile has settled it before.
        if (!_pool.Follows(mailbox))
            Settled(mailbox.Path);
    }

    private void Settled(BytePath path)
    {
        lock (_lock)
        {
            if (!_unsettled.Remove(path) || _unsettled.Count > 0)
                return;
            _unsettled.TrimExcess();
            _allSettled?.SetResult();
            _allSettled = null;
        }
    }
}
