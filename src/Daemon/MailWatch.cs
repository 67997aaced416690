using System.Buffers.Binary;
using System.Security.Cryptography;
using MaildirQuotaWatcher.Accounting;
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
    private readonly MailWatchOptions _options;
    private readonly AccountantPool _pool;
    private readonly LocationWatcher _locations;
    private QuotaLimit? _limit;
    private TaskCompletionSource? _allSettled;

    private MailWatch(MailWatchOptions options, PoolOptions poolOptions, Inotify forPool, Inotify forLocations)
    {
        _options = options;
        _limit = options.Limit;
        _pool = new AccountantPool(poolOptions with { Sink = this }, forPool);
        _pool.MailboxGone += LoseSight;
        _locations = new LocationWatcher(forLocations, Found, _pool.Check, problem => Log.Error("{Problem}", problem));
    }

    /// <summary>Mailboxes followed now.</summary>
    public int Count => _pool.Count;

    /// <summary>Kernel watches held now.</summary>
    public int Watches => _pool.Watches.Count;

    /// <summary>How often the kernel's queue has overflowed.</summary>
    public long Overflows => _pool.Watches.Overflows;

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
        var forPool = Inotify.Create(out var errno);
        var forLocations = forPool is null ? null : Inotify.Create(out errno);
        if (forPool is not null && forLocations is not null)
            return new MailWatch(
                options,
                new PoolOptions(options.Accounting, NewHash())
                {
                    Workers = options.Workers,
                    RetryAfter = options.RetryAfter,
                },
                forPool,
                forLocations);
        forPool?.Dispose();
        problem = new SystemCallError("inotify_init1", "", errno)
            + $"; fs.inotify.max_user_instances is {InotifyLimits.MaxUserInstances}: raise it, or end other watchers";
        return null;
    }

    /// <summary>Looks for mailboxes in these places from now on; done when those that are there have been
    /// found.</summary>
    public Task Explore(IReadOnlyList<Location> locations) => _locations.Explore(locations);

    public void SetLimit(QuotaLimit? limit)
    {
        _limit = limit;
        _pool.SetLimit(limit);
    }

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

    public void Dispose()
    {
        _locations.Dispose();
        _pool.Dispose();
    }

    void IChangeSink.Accept(Mailbox mailbox, UsageChange change)
    {
        foreach (var sink in _options.Sinks)
            sink.Accept(mailbox, change);
        Settled(mailbox.Path);
    }

    private static NameHash NewHash()
    {
        Span<byte> key = stackalloc byte[16];
        RandomNumberGenerator.Fill(key);
        return new NameHash(
            BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]));
    }

    private void Found(FoundMailbox found)
    {
        lock (_lock)
            _unsettled.Add(found.Path);
        var directory = new MailboxDirectory(found.Path, found.Device, found.Inode, found.Owner);
        if (_pool.Add(found.User, directory, _limit, _options.Recalculate))
            return;
        Settled(found.Path);
    }

    private void LoseSight(BytePath path)
    {
        Settled(path);
        Log.Information("{Mailbox}: gone; looked for again", path.Display);
        _locations.LookAgain(path);
    }

    private void Settled(BytePath path)
    {
        lock (_lock)
        {
            if (!_unsettled.Remove(path) || _unsettled.Count > 0)
                return;
            _allSettled?.SetResult();
            _allSettled = null;
        }
    }
}
