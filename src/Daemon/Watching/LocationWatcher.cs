using System.Collections.Concurrent;
using MaildirQuotaWatcher.Linux;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Watching;

/// <summary>
/// Finds mailboxes at run time, on one thread and an inotify instance of its own: a directory in which many names may
/// appear is watched for good, one that only lacks its next name until that is there.
/// </summary>
/// <remarks>
/// Implementation notes. Level-triggered: whatever an event says, the place is explored again, and a mailbox found
/// twice
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
    private readonly Thread _thread;
    private readonly long _poll;
    private long _retryAt = long.MaxValue;
    private long _pollAt = long.MaxValue;
    private IReadOnlyList<Location> _locations = [];
    private volatile bool _stopping;

    /// <param name="inotify">An instance of its own; disposed with this.</param>
    /// <param name="found">Told of each mailbox, again after each change near it.</param>
    /// <param name="check">Told of a path at or below which mailboxes may be gone.</param>
    /// <param name="problem">Told what is in the way, with the cure.</param>
    /// <param name="poll">How often places are explored again of whose changes the kernel does not tell.</param>
    public LocationWatcher(
        Inotify inotify, Action<FoundMailbox> found, Action<BytePath> check, Action<string> problem, TimeSpan poll)
    {
        (_inotify, _found, _check, _problem) = (inotify, found, check, problem);
        _poll = (long)poll.TotalMilliseconds;
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
            if (Leads(location.Base, path))
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

    /// <summary>Runs something on the watcher's own thread: shows that it is alive.</summary>
    public void Post(Action request) => Request(request);

    public void Dispose()
    {
        _stopping = true;
        _inotify.Wake();
        _thread.Join();
        _inotify.Dispose();
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
            while (_requests.TryDequeue(out var request))
                request();
            var length = _inotify.Read(buffer, out _);
            if (length > 0)
                foreach (var record in new InotifyRecords(buffer.AsSpan(0, length)))
                    Take(record);
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
        foreach (var location in _locations.Where(IsPolled))
        {
            _check(location.Base);
            Explore(new Place(location, location.Base, []), null);
        }

        PlanPoll();
        return 0;
    }

    private void PlanPoll() =>
        _pollAt = _locations.Any(IsPolled) ? Environment.TickCount64 + _poll : long.MaxValue;

    private static bool IsPolled(Location location)
    {
        var fd = location.Open(location.Base, out _);
        if (fd < 0)
            return false;
        var polled = FileSystemType.Of(fd, out _).MustBePolled;
        Files.Close(fd);
        return polled;
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
            if (place.Awaited is not null)
            {
                Unwatch(place);
                place = new Place(place.Location, place.Location.Base, []);
            }

            Explore(place, appeared);
        }
    }

    /// <param name="place">Where to look.</param>
    /// <param name="only">Look only where this path leads; null looks everywhere.</param>
    private void Explore(Place place, BytePath? only)
    {
        var fd = place.Open(out var errno);
        if (fd < 0)
        {
            if (errno != Errno.ENOENT && errno != Errno.ENOTDIR && errno != Errno.ELOOP)
                Complain(place, errno);
            else if (place.Names.Count == 0)
                AwaitBase(place.Location);
            return;
        }

        _closed.Remove(place.Path);
        try
        {
            if (place.NextLiteral is not { } next)
                ExploreAll(place, fd, only);
            else if (!TryFollow(place, fd, next, only))
            {
                Watch(place, fd);
                if (TryFollow(place, fd, next, only))
                    Unwatch(place);
            }
        }
        finally
        {
            Files.Close(fd);
        }
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
            Explore(place.Below(next), only);
        else if (Files.FStat(fd, out var root).IsOk)
            _found(new FoundMailbox(
                place.Location.UserOf(place.NameTexts, root.Uid), place.Path, root.Device, root.Inode, root.Uid));
        return true;
    }

    private void ExploreAll(Place place, int fd, BytePath? only)
    {
        Watch(place, fd);
        var names = new List<byte[]>();
        using (var reader = new DirectoryReader())
        {
            reader.Attach(fd);
            while (reader.ReadBatch(out _))
                while (reader.Next(out var name, out var type))
                    if (type is DirectoryReader.DT_DIR or DirectoryReader.DT_UNKNOWN && place.MayLeadOn(name))
                        names.Add(name.ToArray());
        }

        foreach (var name in names)
            if (only is null || Leads(place.Path.Combine(name), only) || Leads(only, place.Path.Combine(name)))
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
            Watch(waiting, fd);
            var there = Files.StatAt(fd, name, location.FollowLinks, out var status, out _)
                && status.Kind == FileKind.Directory;
            Files.Close(fd);
            if (there)
            {
                Unwatch(waiting);
                Explore(new Place(location, location.Base, []), null);
            }

            return;
        }
    }

    private void Watch(Place place, int fd)
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
            return;
        }

        _problem($"new mailboxes below {place.Path.Display} will not be noticed: " + (errno == Errno.ENOSPC
            ? InotifyLimits.WatchesExhausted(Math.Max(2 * _places.Count, 1024))
            : new SystemCallError("inotify_add_watch", place.Path.Display, errno).ToString()));
    }

    private void Unwatch(Place place)
    {
        foreach (var (wd, places) in _places)
            if (places.Contains(place, ReferenceEqualityComparer.Instance))
            {
                Unwatch(wd, known => ReferenceEquals(known, place));
                return;
            }
    }

    private void Unwatch(int wd, Predicate<Place> ends)
    {
        var places = _places[wd];
        places.RemoveAll(ends);
        if (places.Count > 0)
            return;
        _places.Remove(wd);
        if (!_files.ContainsKey(wd))
            _inotify.RemoveWatch(wd);
    }

    /// <summary>Whether a path is the other one or lies above it.</summary>
    private static bool Leads(BytePath above, BytePath below)
    {
        var upper = above.Bytes;
        var lower = below.Bytes;
        return lower.StartsWith(upper)
            && (lower.Length == upper.Length || upper.Length == 1 || lower[upper.Length] == (byte)'/');
    }
}
