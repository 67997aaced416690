using System.Collections.Concurrent;
using MaildirQuotaWatcher.Linux;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Watching;

/// <summary>
/// Finds mailboxes at run time, on one thread and an inotify instance of its own: a directory in which many names may
/// appear is watched for good, one that only lacks its next name until that is there. There are two of them: one for
/// what lies on this machine's disks, one for what is served by others (<see cref="MountTable"/>), which hangs while a
/// server does not answer. Both know all locations, and each keeps away from the directories of the other.
/// </summary>
/// <remarks>
/// Implementation notes. Level-triggered: whatever an event says, the place is explored again, and a mailbox found
/// twice is found once. A directory is watched before it is looked into. A mailbox is a directory that has a
/// <c>cur</c>. What was renamed or removed further up is reported as a place to check; a mailbox that reports itself
/// gone is looked for again along its path (<see cref="LookAgain"/>). Of a mount the kernel's table of mounts tells.
/// </remarks>
internal sealed partial class LocationWatcher : IDisposable
{
    private const int RetryMilliseconds = 5000;

    private const uint Mask =
        IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

    private readonly Inotify _inotify;
    private readonly Action<FoundMailbox> _found;
    private readonly Action<BytePath> _check;
    private readonly Action<BytePath> _mountedIn;
    private readonly Action<string> _problem;
    private readonly Dictionary<int, List<Place>> _places = [];
    private readonly Dictionary<int, List<(byte[] Name, uint Mask, Action Changed)>> _files = [];
    private readonly Dictionary<BytePath, Place> _closed = [];
    private readonly HashSet<BytePath> _unwatched = [];
    private readonly GrowthLines _unwatchedLines = new();
    private readonly ConcurrentQueue<Action> _requests = new();
    private readonly Dictionary<Location, BytePath> _bases = new(ReferenceEqualityComparer.Instance);
    private readonly MountTable _mounts = MountTable.Open();
    private readonly Thread _thread;
    private readonly TimeSpan? _poll;
    private long _steps;
    private long _retryAt = long.MaxValue;
    private long _pollAt = long.MaxValue;
    private IReadOnlyList<Location> _locations = [];
    private volatile bool _stopping;

    /// <param name="inotify">An instance of its own; disposed with this.</param>
    /// <param name="found">Told of each mailbox, again after each change near it.</param>
    /// <param name="check">Told of a path at or below which mailboxes may be gone.</param>
    /// <param name="mountedIn">Told of a directory of this machine, in a mailbox perhaps, that is another by a mount
    /// or its end.</param>
    /// <param name="problem">Told what is in the way, with the cure.</param>
    /// <param name="poll">
    /// For what is served: how often it is explored again, since the kernel does not tell of every change. Null for
    /// what lies on this machine's disks.
    /// </param>
    public LocationWatcher(
        Inotify inotify, Action<FoundMailbox> found, Action<BytePath> check, Action<BytePath> mountedIn,
        Action<string> problem, TimeSpan? poll)
    {
        (_inotify, _found, _check, _mountedIn) = (inotify, found, check, mountedIn);
        (_problem, _poll) = (problem, poll);
        _thread = new Thread(Run) { Name = "locations", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Explores these locations from now on, and no longer those given before.</summary>
    /// <returns>Done when everything that is there now has been reported.</returns>
    public Task Explore(IReadOnlyList<Location> locations)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Request(() =>
        {
            // The old ones are let go last: a directory that both lead through stays watched all the time.
            var before = _places.Values.SelectMany(places => places).ToHashSet(ReferenceEqualityComparer.Instance);
            _locations = locations;
            _bases.Clear();
            foreach (var location in locations)
                Explore(new Place(location, location.Base, []), null);
            PlanPoll();
            foreach (var wd in _places.Keys.ToArray())
                Unwatch(wd, before.Contains);
            done.SetResult();
        });
        return done.Task;
    }

    /// <summary>Looks for a mailbox that is gone, along its path.</summary>
    public void LookAgain(BytePath path) => Request(() =>
    {
        foreach (var location in _locations)
            if (location.Base.LeadsTo(path))
                Explore(new Place(location, location.Base, []), path);
    });

    /// <summary>Tells when a file of the system, or with an empty name any of a directory, is written or replaced;
    /// one of the two watchers does.</summary>
    /// <param name="orGone">Also when it is removed or moved away.</param>
    public void Notice(BytePath directory, byte[] name, bool orGone, Action changed) => Request(() =>
    {
        if (_mounts.IsServed(_mounts.Follow(directory)) != (_poll is not null))
            return;
        var mask = IN_MOVED_TO | IN_CLOSE_WRITE | (orGone ? IN_DELETE | IN_MOVED_FROM : 0);
        var wd = _inotify.AddWatch(directory, mask | IN_ONLYDIR | IN_MASK_ADD, out var errno);
        if (wd >= 0 && _files.TryGetValue(wd, out var others))
            others.Add((name, mask, changed));
        else if (wd >= 0)
            _files.Add(wd, [(name, mask, changed)]);
        else
            _problem($"changes in {directory.Display} will not be noticed: "
                + new SystemCallError("inotify_add_watch", directory.Display, errno));
    });

    /// <summary>Done when the watcher's thread has come round to it: it is alive.</summary>
    public Task RoundTrip()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Request(done.SetResult);
        return done.Task;
    }

    /// <summary>Waits for something that was asked of this watcher, as long as it comes on.</summary>
    /// <returns>False when it does not: a server does not answer.</returns>
    public async Task<bool> Does(Task asked)
    {
        for (var before = -1L; before != Volatile.Read(ref _steps);)
        {
            before = Volatile.Read(ref _steps);
            if (await Task.WhenAny(asked, Task.Delay(SignOfLife.Patience)).ConfigureAwait(false) == asked)
                return true;
        }

        return false;
    }

    public void Dispose()
    {
        _stopping = true;
        _inotify.Wake();
        // One that hangs is left alone; everything that it uses stays.
        if (!_thread.Join(_poll is null ? Timeout.InfiniteTimeSpan : SignOfLife.Patience))
            return;
        _inotify.Dispose();
        _mounts.Dispose();
    }

    private void Request(Action request)
    {
        _requests.Enqueue(request);
        _inotify.Wake();
    }

    private void Run()
    {
        var buffer = new byte[64 * 1024];
        var mounted = false;
        while (!_stopping)
        {
            if (_mounts.Refresh(mounted))
                TakeMounts();
            mounted = false;
            while (!_stopping && _requests.TryDequeue(out var request))
                request();
            var length = _inotify.Read(buffer, out _);
            if (length > 0)
                TakeAll(buffer.AsSpan(0, length));
            else
                _inotify.Wait(Sooner(RetryClosed(), Poll()), _mounts.Number, out mounted);
        }
    }

    /// <summary>Tries again what could not be opened.</summary>
    /// <returns>Milliseconds until the next try, -1 when there is nothing to try.</returns>
    private int RetryClosed()
    {
        if (_closed.Count == 0)
            return -1;
        var left = _retryAt - Environment.TickCount64;
        if (left > 0)
            return (int)left;
        _retryAt = Environment.TickCount64 + RetryMilliseconds;
        foreach (var place in _closed.Values.ToArray())
            Explore(place, null);
        return _closed.Count == 0 ? -1 : RetryMilliseconds;
    }

    private static int Sooner(int one, int other) => one < 0 ? other : other < 0 ? one : Math.Min(one, other);

    /// <summary>Explores again what lies on file systems that do not tell of every change.</summary>
    /// <returns>Milliseconds until the next time, -1 when there is none.</returns>
    private int Poll()
    {
        if (_pollAt == long.MaxValue)
            return -1;
        var left = _pollAt - Environment.TickCount64;
        if (left > 0)
            return (int)Math.Min(left, int.MaxValue);
        foreach (var location in _locations)
            Explore(new Place(location, location.Base, []), null);
        PlanPoll();
        return 0;
    }

    private void PlanPoll() => _pollAt = _poll is { } poll && _locations.Count > 0
        ? Environment.TickCount64 + (long)poll.TotalMilliseconds
        : long.MaxValue;

    /// <summary>No event tells what a mount brings, nor what it covers.</summary>
    private void TakeMounts()
    {
        _bases.Clear();
        foreach (var location in _locations)
        {
            var (top, real) = (new Place(location, location.Base, []), RealBaseOf(location));
            if (Array.Exists(_mounts.Changed, point => point.LeadsTo(real) || point.LeadsTo(location.Base)))
            {
                // However many there are at once: one look.
                _check(location.Base);
                Explore(top, null);
                continue;
            }

            foreach (var point in _mounts.Changed)
            {
                if (!real.LeadsTo(point))
                    continue;
                // As the location's mailboxes are called.
                var path = location.Base.Combine(real.RestTowards(point));
                _check(path);
                if (_poll is null && !_mounts.IsServed(point))
                    _mountedIn(path);
                Explore(top, path);
            }
        }
    }

    private void TakeAll(ReadOnlySpan<byte> records)
    {
        foreach (var record in new InotifyRecords(records))
            if (!_stopping)
                Take(record);
    }

    private void Take(in InotifyRecords record)
    {
        if ((record.Mask & IN_Q_OVERFLOW) != 0)
        {
            foreach (var location in _locations)
            {
                _check(location.Base);
                Explore(new Place(location, location.Base, []), null);
            }

            return;
        }

        if (_files.TryGetValue(record.Wd, out var files))
            foreach (var (name, mask, changed) in files)
                if ((record.Mask & mask) != 0 && (name.Length == 0 || record.Name.SequenceEqual(name)))
                    changed();
        if (!_places.TryGetValue(record.Wd, out var places))
            return;
        if ((record.Mask & IN_IGNORED) != 0)
            _places.Remove(record.Wd);
        foreach (var place in places.ToArray())
            Take(record, place);
    }

    private void Take(in InotifyRecords record, Place place)
    {
        if ((record.Mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0)
        {
            _check(place.Path);
            LookAgain(place.Path);
        }
        else if ((record.Mask & (Mask & ~IN_ONLYDIR)) == 0 || record.Name.IsEmpty || !place.MayLeadOn(record.Name))
        {
            return;
        }
        else if ((record.Mask & (IN_DELETE | IN_MOVED_FROM)) != 0)
        {
            // A mailbox that is removed tells itself; one whose parents are renamed does not.
            if ((record.Mask & IN_MOVED_FROM) != 0)
                _check(place.Path.Combine(record.Name));
        }
        else
        {
            var appeared = place.Path.Combine(record.Name);
            if (place.NextLiteral is not null)
            {
                // It waited for this name. From the top: should the place itself be gone by now, what leads to it is
                // watched instead.
                Unwatch(record.Wd, place);
                place = new Place(place.Location, place.Location.Base, []);
            }

            Explore(place, appeared);
        }
    }
}
