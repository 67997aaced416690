using MaildirQuotaWatcher.Linux;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Watching;

/// <summary>The way from a location's base to its mailboxes. On the watcher's thread alone.</summary>
internal sealed partial class LocationWatcher
{
    /// <param name="place">Where to look.</param>
    /// <param name="only">Look only where this path leads; null looks everywhere.</param>
    /// <returns>False when there is no such directory.</returns>
    private bool Explore(Place place, BytePath? only)
    {
        Interlocked.Increment(ref _steps);
        var real = RealPathOf(place);
        if (_mounts.IsServed(real) != (_poll is not null))
        {
            _closed.Remove(place.Path);
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
        var real = RealBaseOf(place.Location);
        foreach (var name in place.Names)
            real = real.Combine(name);
        return real;
    }

    private BytePath RealBaseOf(Location location)
    {
        if (!_bases.TryGetValue(location, out var real))
            _bases.Add(location, real = _mounts.Follow(location.Base));
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
        if (_stopping || !Files.FStat(fd, out var root).IsOk)
            return true;
        place.Location.HasMailbox = true;
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
            _unwatched.Remove(place.Path);
            // Several locations may lead through one directory; one location needs it once.
            if (!_places.TryGetValue(wd, out var places))
                _places.Add(wd, places = []);
            places.RemoveAll(known =>
                ReferenceEquals(known.Location, place.Location) && known.Path.Equals(place.Path));
            places.Add(place);
            return wd;
        }

        if (errno != Errno.ENOSPC)
            _problem($"new mailboxes below {place.Path.Display} will not be noticed: "
                + new SystemCallError("inotify_add_watch", place.Path.Display, errno));
        else if (_unwatched.Add(place.Path) && _unwatchedLines.Allows(Environment.TickCount64, _unwatched.Count))
            _problem($"new mailboxes below {place.Path.Display}"
                + (_unwatched.Count == 1 ? "" : $" and {_unwatched.Count - 1} other directories")
                + $" will not be noticed: {InotifyLimits.WatchesExhausted(Math.Max(2 * _places.Count, 1024))}");
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
