using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// What changed while nobody told: directories whose change time is not the one their total was known to fit.
/// </summary>
/// <remarks>
/// Implementation notes. Every entry that comes, goes or is renamed sets the directory's ctime, and nobody can set it
/// back. Clocks are coarse: a time is kept only when it lay <see cref="TrustNanoseconds"/> in the past when it was
/// read, so that no later change can bear the same. A message rewritten in place leaves no trace in its directory.
/// </remarks>
internal sealed partial class MailboxLayout
{
    /// <summary>Two seconds: the coarsest clock of a file system Linux is used with for mail.</summary>
    private const long TrustNanoseconds = 2_000_000_000;

    /// <summary>Bytes; one batch or less on most file systems.</summary>
    private const long SmallDirectory = 32 * 1024;

    private RememberedUsage? _remembered;
    private long _unixSeconds;
    private bool _watchesEnded;

    /// <summary>A directory's change time, nanoseconds since 1970; 0 when it is too young to tell a later
    /// change.</summary>
    public static long StampOf(in FileStatus status, long unixSeconds)
    {
        var changed = ChangedAt(status);
        return changed <= unixSeconds * 1_000_000_000 - TrustNanoseconds ? changed : 0;
    }

    /// <summary>Looks at every folder there is or was; directories that changed unseen are to be counted.</summary>
    /// <param name="rootFd">Open root.</param>
    /// <param name="thorough">
    /// Also those with messages without a size, which may have been rewritten in place.
    /// </param>
    /// <returns>How many directories of those known have changed.</returns>
    public int Sweep(int rootFd, bool thorough)
    {
        var changed = 0;
        var before = _rootWatch;
        _rootWatch = WatchAgain(rootFd, RootMask, owner, before);
        // An unmount ended the root's watch: it ended all of them, and what is mounted again has the times of before.
        _watchesEnded = _rootWatch != before;
        // Of what these hold nothing is known by path alone.
        if (_incomplete is not null || _inside is not null || Policy.NestedFolders)
        {
            index.BeginCounts(all: true);
            changed = index.Count;
        }
        else if (thorough)
        {
            foreach (var known in index.All().ToArray())
                if (known.Unsized is not null)
                    index.BeginCount(known.Id);
        }

        ExamineAll(rootFd, ref changed);
        _watchesEnded = false;
        return changed;
    }

    /// <summary>Notes the change times of directories whose totals are known; a fence must follow.</summary>
    /// <returns>False when some are too young yet.</returns>
    public bool Stamp(int rootFd, long unixSeconds, List<int> stamped)
    {
        var all = true;
        foreach (var known in index.All().ToArray())
        {
            if (known.Place.Stamp != 0 || index.IsBeingWritten(known.Id, unixSeconds))
                continue;
            var there = Files.StatAt(rootFd, RelativeOf(known.Id), followLinks: false, out var status, out _);
            if (!there || IdentityOf(status) != known.Place.Identity)
                continue;
            index.PlaceOf(known.Id).Stamp = StampOf(status, unixSeconds);
            if (index.PlaceOf(known.Id).Stamp != 0)
                stamped.Add(known.Id);
            else
                all = false;
        }

        return all;
    }

    /// <summary>Which directory it is. Two of one file system never have the same.</summary>
    private static ulong IdentityOf(in FileStatus status) => status.Inode + status.Device * 0x9e3779b97f4a7c15;

    private void ExamineAll(int rootFd)
    {
        var changed = 0;
        ExamineAll(rootFd, ref changed);
    }

    private void ExamineAll(int rootFd, ref int changed)
    {
        var found = MaildirLayout.Folders(rootFd, Policy, directory.Owner, out var errno);
        if (errno.IsError)
            Trouble = new SystemCallError("getdents", directory.Path.Display, errno).ToString();
        found.Add([]);
        found.Sort(static (one, other) => one.AsSpan().SequenceCompareTo(other));
        var next = 0;
        foreach (var known in _folders.ToArray())
        {
            var name = known.Folder.Name;
            while (next < found.Count && found[next].AsSpan().SequenceCompareTo(name) < 0)
                Examine(rootFd, found[next++]);
            if (next < found.Count && found[next].AsSpan().SequenceEqual(name))
                next++;
            if (!IsInPlace(rootFd, known.New, name, "new"u8, ref changed)
                | !IsInPlace(rootFd, known.Cur, name, "cur"u8, ref changed))
                Examine(rootFd, name);
        }

        while (next < found.Count)
            Examine(rootFd, found[next++]);
    }

    /// <summary>Whether the directory known is the one there; counted again unless that and its time prove that nothing
    /// has changed.</summary>
    private bool IsInPlace(
        int rootFd, int id, ReadOnlySpan<byte> folder, ReadOnlySpan<byte> half, ref int changed)
    {
        if (id == 0)
            return false;
        var there = Files.StatAt(
            rootFd, MaildirLayout.Join(folder, half), followLinks: false, out var status, out _)
            && index.PlaceOf(id).Identity == IdentityOf(status);
        var stamp = index.PlaceOf(id).Stamp;
        if (there && stamp != 0 && stamp == ChangedAt(status) && !_watchesEnded)
            return true;
        changed++;
        index.BeginCount(id);
        if (!there)
            return false;
        var fd = OpenDirectory(rootFd, id, out _, out _);
        if (fd < 0)
            return false;
        index.PlaceOf(id).Watch = WatchAgain(
            fd, MessagesMask, owner with { Directory = id }, index.PlaceOf(id).Watch);
        Files.Close(fd);
        return true;
    }

    /// <summary>
    /// The end of a watch may be among the lost events, and the inode in use again: with a live one nothing changes.
    /// </summary>
    private int WatchAgain(int fd, uint mask, WatchOwner whose, int before)
    {
        var watch = table.Add(fd, mask, whose, out var errno);
        if (watch < 0)
            CannotWatch(errno, []);
        if (watch != before && before >= 0)
            table.Remove(before, whose);
        return watch;
    }

    /// <summary>
    /// A directory just watched: its usage is known from an earlier run, or it is counted while it is open, if it is
    /// small.
    /// </summary>
    private void Learn(int fd, int id, in FileStatus status)
    {
        var stamp = ChangedAt(status);
        if (_remembered is not null
            && _remembered.TryTake(IdentityOf(status), stamp, out var usage, out var unsized))
            index.Restore(id, usage, unsized, stamp, _unixSeconds);
        else if (status.Length <= SmallDirectory && !Policy.SubdirectoriesAsFolders)
            scanner.ReadAtOnce(index, id, fd, StampOf(status, _unixSeconds));
    }

    private static long ChangedAt(in FileStatus status) =>
        status.ChangedSeconds * 1_000_000_000 + status.ChangedNanoseconds;
}
