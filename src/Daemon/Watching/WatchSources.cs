using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Watching;

/// <summary>
/// inotify, and fanotify beside it where that is wanted, each with its table and the thread that reads it. A mailbox is
/// watched by one of them as a whole. Mailboxes that are polled have an inotify of their own: a call about one of them
/// may hang, and with it all who wait for that table's lock. Safe from any thread.
/// </summary>
/// <remarks>
/// Implementation notes. <i>auto</i> stays with inotify until three quarters of fs.inotify.max_user_watches are in use;
/// the rest is for other programs and for the places in which mailboxes are looked for. What is watched stays where it
/// is. A mailbox that one source refuses is given to the other.
/// </remarks>
internal sealed class WatchSources : IDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _said = [];
    private readonly SourceChoice _choice;
    private readonly EventQueue[] _workers;
    private readonly Action<string> _say;
    private readonly Action<string> _failed;
    private readonly WatchTable _inotify;
    private (Fanotify Source, WatchTable Table)? _fanotify;
    private WatchTable? _polled;
    private bool _fanotifyTried;
    private int _wanting;
    private volatile (IWatchSource Source, WatchTable Table, KernelReader Reader)[] _open = [];

    /// <param name="choice">What the administrator wants.</param>
    /// <param name="inotify">Disposed with this.</param>
    /// <param name="workers">Where records go.</param>
    /// <param name="say">Told once, in a sentence, when another source is used than people may expect.</param>
    /// <param name="failed">Told when a source can no longer be read.</param>
    public WatchSources(
        SourceChoice choice, Inotify inotify, EventQueue[] workers, Action<string> say, Action<string> failed)
    {
        (_choice, _workers, _say, _failed) = (choice, workers, say, failed);
        _inotify = Open(inotify);
        if (choice == SourceChoice.Fanotify)
            Fanotify();
    }

    /// <summary>With <see cref="SourceChoice.Auto"/>: so many watches in use, and inotify has done its part; 0 when the
    /// limit is not known.</summary>
    public long Enough { get; init; } = InotifyLimits.MaxUserWatches / 4 * 3;

    /// <summary>Watches held now.</summary>
    public int Count => Sum(static table => table.Count);

    /// <summary>Mailboxes that wait because the kernel has no watches left.</summary>
    public int Wanting => Volatile.Read(ref _wanting);

    /// <summary>One more of them, or one less.</summary>
    /// <returns>How many there are then.</returns>
    public int ChangeWanting(int by) => Interlocked.Add(ref _wanting, by);

    /// <summary>True when fanotify can be had and is used.</summary>
    public bool HasFanotify => _fanotify is not null;

    /// <summary>Watches held by fanotify.</summary>
    public int OfFanotify => _fanotify?.Table.Count ?? 0;

    /// <summary>How often a kernel queue has overflowed.</summary>
    public long Overflows => Sum(static table => table.Overflows);

    /// <summary>When one last did; null for never.</summary>
    public DateTimeOffset? LastOverflow => _open.Max(static entry => entry.Table.LastOverflow) is > 0 and var seconds
        ? DateTimeOffset.FromUnixTimeSeconds(seconds)
        : null;

    /// <summary>Records of the kernel dispatched until now.</summary>
    public long Events => Sum(static table => table.Events);

    /// <inheritdoc cref="WatchTable.CountChanged"/>
    public Action? CountChanged
    {
        get;
        set
        {
            lock (_lock)
            {
                field = value;
                foreach (var (_, table, _) in _open)
                    table.CountChanged = value;
            }
        }
    }

    /// <summary>The table that is to watch a mailbox, its root open.</summary>
    /// <param name="rootFd">The root.</param>
    /// <param name="path">The root, fit for display.</param>
    /// <param name="refused">The table that could not watch all of it; null when none has been tried.</param>
    public WatchTable For(int rootFd, string path, WatchTable? refused)
    {
        lock (_lock)
        {
            var wanted = _choice switch
            {
                SourceChoice.Inotify => false,
                SourceChoice.Fanotify => refused is null || refused == _inotify,
                _ => refused == _inotify || (refused is null && Enough > 0 && _inotify.Count >= Enough),
            };
            if (!wanted || Fanotify() is not { } fanotify)
                return _inotify;
            var errno = fanotify.Source.Mark(rootFd);
            if (errno.IsOk)
                return fanotify.Table;
            SayOnce($"{errno}", $"{FanotifyObstacle.OfFileSystem(path, errno)}; "
                + "it, and others like it, are watched by inotify");
            return _inotify;
        }
    }

    /// <summary>The table that is to watch a mailbox that is polled.</summary>
    public WatchTable ForPolled()
    {
        lock (_lock)
        {
            if (_polled is not null)
                return _polled;
            if (Inotify.Create(out var errno) is { } own)
                return _polled = Open(own);
            SayOnce("polled", $"{new SystemCallError("inotify_init1", "", errno)}; fs.inotify.max_user_instances is "
                + $"{InotifyLimits.MaxUserInstances}: raise it. As long as there is no further one, a file server that "
                + "does not answer may hold up all mailboxes");
            return _inotify;
        }
    }

    /// <summary>Which of the sources a table belongs to; that stays as it is.</summary>
    public int NumberOf(WatchTable table) => Array.FindIndex(_open, entry => entry.Table == table);

    /// <summary>The table with that number.</summary>
    public WatchTable ByNumber(int number) => _open[number].Table;

    /// <summary>Ends the threads that read.</summary>
    public void Dispose()
    {
        lock (_lock)
            _fanotifyTried = true;
        foreach (var (_, _, reader) in _open)
            _ = reader.TryEnd();
    }

    /// <summary>Ends the sources; when nobody uses their tables any more.</summary>
    /// <param name="polled">False when somebody may still use that of the mailboxes that are polled.</param>
    public void Close(bool polled)
    {
        foreach (var (source, table, _) in _open)
            if (polled || table != _polled)
                source.Dispose();
    }

    private (Fanotify Source, WatchTable Table)? Fanotify()
    {
        if (_fanotifyTried)
            return _fanotify;
        _fanotifyTried = true;
        if (Linux.Fanotify.Create(out var problem) is { } source)
        {
            _fanotify = (source, Open(source));
            if (_choice == SourceChoice.Auto)
                _say($"{_inotify.Count} of {InotifyLimits.MaxUserWatches} inotify watches "
                    + "(fs.inotify.max_user_watches) are in use: further mailboxes are watched by fanotify");
        }
        else
        {
            _say($"{problem}; all mailboxes are watched by inotify");
        }

        return _fanotify;
    }

    private WatchTable Open(IWatchSource source)
    {
        var table = new WatchTable(source, _workers) { CountChanged = CountChanged };
        var reader = new KernelReader(source, table, error => _failed($"{error}"));
        _open = [.. _open, (source, table, reader)];
        return table;
    }

    private void SayOnce(string about, string sentence)
    {
        if (_said.Add(about))
            _say(sentence);
    }

    private int Sum(Func<WatchTable, int> part) => _open.Sum(entry => part(entry.Table));

    private long Sum(Func<WatchTable, long> part) => _open.Sum(entry => part(entry.Table));
}
