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
/// Implementation notes. Level-triggered: whatever an event says, the place is explored again, and a mailbox found twice
/// is found once. A directory is watched before it is looked into. A mailbox is a directory that has a <c>cur</c>. What
/// was renamed or removed further up is reported as a place to check; a mailbox that reports itself gone is looked for
/// again along its path (<see cref="LookAgain"/>).
/// </remarks>
internal sealed class LocationWatcher : IDisposable
{
    private const int RetryMilliseconds = 5000;

    private const uint Mask =
        IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

    private readonly Inotify _inotify;
    private readonly Action<FoundMailbox> _found;
    private readonly Action<BytePath> _check;
    private readonly Action<string> _problem;
    private readonly Dictionary<int, List<Place>> _places = [];
    private readonly Dictionary<int, List<(byte[] Name, Action Changed)>> _files = [];
    private readonly Dictionary<BytePath, Place> _closed = [];
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
    /// <param name="problem">Told what is in the way, with the cure.</param>
    /// <param name="poll">
    /// For what is served: how often it is explored again, since the kernel does not tell of every change. Null for what
    /// lies on this machine's disks.
    /// </param>
    public LocationWatcher(
        Inotify inotify, Action<FoundMailbox> found, Action<BytePath> check, Action<string> problem, TimeSpan? poll)
    {
        (_inotify, _found, _check, _problem, _poll) = (inotify, found, check, problem, poll);
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

    /// <summary>Tells when a file of the system, or with an empty name any of a directory, is written or
    /// replaced.</summary>
    public void Notice(BytePath directory, byte[] name, Action changed) => Request(() =>
    {
        var wd = _inotify.AddWatch(directory, IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR | IN_MASK_ADD, out var errno);
        if (wd >= 0 && _files.TryGetValue(wd, out var others))
            others.Add((name, changed));
        else if (wd >= 0)
            _files.Add(wd, [(name, changed)]);
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
        while (!_stopping)
        {
            if (_mounts.Refresh())
                _bases.Clear();
            while (!_stopping && _requests.TryDequeue(out var request))
                request();
            var length = _inotify.Read(buffer, out _);
            if (length > 0)
                TakeAll(buffer.AsSpan(0, length));
            else
                _inotify.Wait(Sooner(RetryClosed(), Poll()));
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
            foreach (var (name, changed) in files)
                if (name.Length == 0 || record.Name.SequenceEqual(name))
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

    /// <param name="place">Where to look.</param>
    /// <param name="only">Look only where this path leads; null looks everywhere.</param>
    /// <returns>False when there is no such directory.</returns>
    private bool Explore(Place place, BytePath? only)
    {
        Interlocked.Increment(ref _steps);
        var real = RealPathOf(place);
        if (_mounts.IsServed(real) != (_poll is not null))
        {
            if (_poll is not null)
                PassThrough(place, real, only);
            return true;
        }

        var fd = place.Open(out var errno);
        if (fd < 0)
        {
            if (errno != Errno.ENOENT && errno != Errno.ENOTDIR && errno != Errno.ELOOP)
                Complain(place, errno);
            else if (place.Names.Count == 0)
                AwaitBase(place.Location);
            else
                return false;
            return true;
        }

        _closed.Remove(place.Path);
        try
        {
            if (place.NextLiteral is not { } next)
                ExploreAll(place, fd, only);
            else if (!TryFollow(place, fd, next, only))
            {
                var wd = Watch(place, fd);
                if (TryFollow(place, fd, next, only))
                    Unwatch(wd, place);
            }
        }
        finally
        {
            Files.Close(fd);
        }

        return true;
    }

    /// <summary>Goes on to what is served below a directory that is not, without a look into that.</summary>
    private void PassThrough(Place place, BytePath real, BytePath? only)
    {
        if (place.IsMailbox)
            return;
        var names = _mounts.Served.Where(point => real.LeadsTo(point) && !real.Equals(point))
            .Select(point => real.NameTowards(point).ToArray())
            .DistinctBy(Convert.ToHexString);
        foreach (var name in names.Where(name => place.MayLeadOn(name)))
            Explore(place.Below(name), only);
    }

    /// <summary>Where a place is, links in what the administrator fixed followed.</summary>
    private BytePath RealPathOf(Place place)
    {
        if (_mounts.Served.Length == 0)
            return place.Path;
        if (!_bases.TryGetValue(place.Location, out var real))
            _bases.Add(place.Location, real = _mounts.Follow(place.Location.Base));
        foreach (var name in place.Names)
            real = real.Combine(name);
        return real;
    }

    /// <summary>Says it once; tried again until it can be opened.</summary>
    private void Complain(Place place, Errno errno)
    {
        if (_closed.Count == 0)
            _retryAt = Environment.TickCount64 + RetryMilliseconds;
        if (_closed.TryAdd(place.Path, place))
            _problem(
                $"{new SystemCallError("open", place.Path.Display, errno)}{Cure.For(errno)}; tried again by itself");
    }

    /// <summary>Goes on through the one name that may follow; false when it is not there.</summary>
    private bool TryFollow(Place place, int fd, byte[] next, BytePath? only)
    {
        if (!Files.StatAt(fd, next, followLinks: false, out var status, out _) || status.Kind != FileKind.Directory)
            return false;
        if (!place.IsMailbox)
            return Explore(place.Below(next), only);
        if (!_stopping && Files.FStat(fd, out var root).IsOk)
            _found(new FoundMailbox(
                place.Location.UserOf(place.NameTexts, root.Uid), place.Path, root.Device, root.Inode, root.Uid));
        return true;
    }

    private void ExploreAll(Place place, int fd, BytePath? only)
    {
        Watch(place, fd);
        if (only is not null && !only.LeadsTo(place.Path))
        {
            // Never a look at all names for the sake of one: there may be a hundred thousand, each with its turn.
            if (place.Path.LeadsTo(only) && place.Path.NameTowards(only) is var towards && place.MayLeadOn(towards))
                Explore(place.Below(towards.ToArray()), only);
            return;
        }

        var names = new List<byte[]>();
        using (var reader = new DirectoryReader())
        {
            reader.Attach(fd);
            for (; reader.ReadBatch(out _); Interlocked.Increment(ref _steps))
                while (reader.Next(out var name, out var type))
                    if (type is DirectoryReader.DT_DIR or DirectoryReader.DT_UNKNOWN && place.MayLeadOn(name))
                        names.Add(name.ToArray());
        }

        foreach (var name in names)
            if (!_stopping)
                Explore(place.Below(name), only);
    }

    /// <summary>The fixed directory itself is not there yet: waits in the nearest one above it that is.</summary>
    private void AwaitBase(Location location)
    {
        var path = location.Base.Bytes;
        while (path.Length > 1)
        {
            var slash = path.LastIndexOf((byte)'/');
            var name = path[(slash + 1)..];
            path = path[..Math.Max(slash, 1)];
            var above = BytePath.FromBytes(path);
            var fd = location.Open(above, out _);
            if (fd < 0)
                continue;
            var waiting = new Place(location, above, []) { Awaited = name.ToArray() };
            var wd = Watch(waiting, fd);
            var there = Files.StatAt(fd, name, location.FollowLinks, out var status, out _)
                && status.Kind == FileKind.Directory;
            Files.Close(fd);
            if (there)
            {
                Unwatch(wd, waiting);
                Explore(new Place(location, location.Base, []), null);
            }

            return;
        }
    }

    /// <returns>The watch; -1 when there is none, which is said.</returns>
    private int Watch(Place place, int fd)
    {
        var wd = _inotify.AddWatch(fd, Mask | IN_MASK_ADD, out var errno);
        if (wd >= 0)
        {
            // Several locations may lead through one directory; one location needs it once.
            if (!_places.TryGetValue(wd, out var places))
                _places.Add(wd, places = []);
            places.RemoveAll(known =>
                ReferenceEquals(known.Location, place.Location) && known.Path.Equals(place.Path));
            places.Add(place);
            return wd;
        }

        _problem($"new mailboxes below {place.Path.Display} will not be noticed: " + (errno == Errno.ENOSPC
            ? InotifyLimits.WatchesExhausted(Math.Max(2 * _places.Count, 1024))
            : new SystemCallError("inotify_add_watch", place.Path.Display, errno).ToString()));
        return -1;
    }

    private void Unwatch(int wd, Place place) => Unwatch(wd, known => ReferenceEquals(known, place));

    private void Unwatch(int wd, Predicate<Place> ends)
    {
        if (!_places.TryGetValue(wd, out var places))
            return;
        places.RemoveAll(ends);
        if (places.Count > 0)
            return;
        _places.Remove(wd);
        if (!_files.ContainsKey(wd))
            _inotify.RemoveWatch(wd);
    }
}
