using System.Runtime.InteropServices;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// The watched directories of one mailbox: finds folders, follows their coming and going, keeps index and kernel
/// watches in step with them.
/// </summary>
/// <remarks>
/// Implementation notes. Level-triggered: whatever an event says of a folder, the folder is looked at again
/// (<see cref="Examine"/>), and what is there now is compared with what is known by device and inode. A watch is always
/// added before the directory is read, so nothing that comes later is missed. Directories are opened one component at a
/// time below the root's descriptor, without following links, and watched through that descriptor. The table of
/// directories is the index's own; folders are kept sorted by name, since a mailbox may have ten thousands.
/// </remarks>
internal sealed partial class MailboxLayout(
    MailboxDirectory directory, MailboxIndex index, FolderNames names, MailboxScanner scanner, MailboxWatches table,
    WatchOwner owner)
{
    private const uint RootMask =
        IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

    private const uint FolderMask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;

    private const uint MessagesMask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE
        | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

    private readonly List<WatchedFolder> _folders = [];
    private FolderNames _names = names;

    /// <summary>Folders whose own directory is watched, by the number their events come with.</summary>
    private Dictionary<int, (MaildirFolder Folder, int Watch)>? _incomplete;

    /// <summary>Directories inside message directories, where those count (Exim): id and relative path.</summary>
    private Dictionary<int, byte[]>? _inside;

    private int _rootWatch = -1;
    private int _lastNumber;

    /// <summary>What is in the way of watching everything, with the cure; null when nothing is.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The kernel has no more watches to give.</summary>
    public bool IsShortOfWatches { get; private set; }

    private CountingPolicy Policy => index.Policy;

    /// <summary>Watches the root and every folder there is.</summary>
    /// <param name="rootFd">Open root.</param>
    /// <param name="remembered">Usage known from an earlier run; null when there is none.</param>
    /// <param name="unixSeconds">Now.</param>
    public void Open(int rootFd, RememberedUsage? remembered, long unixSeconds)
    {
        Trouble = null;
        IsShortOfWatches = false;
        _rootWatch = table.Add(rootFd, RootMask, owner, out var errno);
        if (_rootWatch < 0)
        {
            CannotWatch(errno, []);
            return;
        }

        (_remembered, _unixSeconds) = (remembered, unixSeconds);
        ExamineAll(rootFd);
        (_remembered, _unixSeconds) = (null, 0);
        _folders.TrimExcess();
        index.Trim();
    }

    /// <summary>Looks at one folder and makes watches and index fit what is there.</summary>
    /// <param name="rootFd">Open root.</param>
    /// <param name="name">Relative name; empty for INBOX.</param>
    public void Examine(int rootFd, ReadOnlySpan<byte> name)
    {
        if (!Policy.NestedFolders && ExamineWhole(rootFd, name))
            return;
        var fd = MaildirLayout.OpenFolder(rootFd, name, Policy, directory.Owner, out var errno);
        if (fd < 0)
        {
            if (IsNotThere(errno))
                Forget(name);
            else
                Trouble = new SystemCallError("open", Display(name), errno) + Cure.For(errno);
            return;
        }

        var folder = FolderNamed(name);
        // With both halves there each tells when it goes. Else the folder is watched, then looked into once more;
        // the root is watched anyway.
        var fresh = false;
        var keep = Policy.NestedFolders;
        if (keep || !ExamineHalves(fd, folder))
        {
            fresh = !folder.IsInbox && WatchFolder(fd, folder);
            keep |= !ExamineHalves(fd, folder);
        }

        var inside = fresh && Policy.NestedFolders ? MaildirLayout.Inside(fd, folder.Name, Policy) : [];
        Files.Close(fd);
        if (!keep)
            Unwatch(folder);

        // Made or moved in at once with what is inside, of which no event tells; or another directory of that name.
        if (fresh && Policy.NestedFolders)
            inside.AddRange(FoldersInside(folder.Name));
        foreach (var inner in inside)
            Examine(rootFd, inner);
    }

    /// <summary>A directory inside a message directory, for the policy that counts what it holds (Exim).</summary>
    public void ExamineInside(int rootFd, int parent, ReadOnlySpan<byte> name)
    {
        if (index.FolderOf(parent) is { } folder)
            ExamineInside(rootFd, folder, MaildirLayout.Join(RelativeOf(parent), name));
    }

    /// <summary>A watched message directory was removed, moved or unmounted: look at where it was.</summary>
    /// <param name="rootFd">Open root.</param>
    /// <param name="id">The directory.</param>
    /// <param name="ended">Its watch is no more; one that is there by now, perhaps with its inode, is another.</param>
    public void ExamineGone(int rootFd, int id, bool ended)
    {
        if (index.FolderOf(id) is not { } folder)
            return;
        if (ended)
            index.PlaceOf(id).Identity = 0;
        if (_inside is not null && _inside.TryGetValue(id, out var relative))
            ExamineInside(rootFd, folder, relative);
        Examine(rootFd, folder.Name);
    }

    /// <summary>The folder whose own directory is watched under that number.</summary>
    public MaildirFolder? FolderByNumber(int number) =>
        _incomplete is not null && _incomplete.TryGetValue(number, out var known) ? known.Folder : null;

    /// <summary>Opens a message directory if it is still the one that is watched; ENOENT when not.</summary>
    public int OpenDirectory(int rootFd, int id, out FileStatus status, out Errno errno)
    {
        status = default;
        errno = Errno.ENOENT;
        if (index.FolderOf(id) is null)
            return -1;
        var fd = MaildirLayout.OpenMessages(rootFd, RelativeOf(id), Policy, directory.Owner, out errno);
        if (fd < 0)
            return -1;
        errno = Files.FStat(fd, out status);
        if (errno.IsOk && IdentityOf(status) != index.PlaceOf(id).Identity)
            errno = Errno.ENOENT;
        if (errno.IsOk)
            return fd;
        Files.Close(fd);
        return -1;
    }

    /// <summary>The relative paths of all <c>tmp</c> directories.</summary>
    public IEnumerable<byte[]> TemporaryDirectories() =>
        _folders.Select(folder => MaildirLayout.Join(folder.Folder.Name, "tmp"u8));

    /// <summary>Ends every watch.</summary>
    public void Close()
    {
        foreach (var known in index.All().ToArray())
            Drop(known.Id);
        foreach (var (number, known) in _incomplete ?? [])
            table.Remove(known.Watch, FolderOwner(number));
        if (_rootWatch >= 0)
            table.Remove(_rootWatch, owner);
        _folders.Clear();
        _incomplete = null;
        _inside = null;
        _rootWatch = -1;
    }

    private static bool IsNotThere(Errno errno) =>
        errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.ELOOP;

    /// <summary>The usual case: both halves are there, and the folder's own directory need not be opened.</summary>
    private bool ExamineWhole(int rootFd, ReadOnlySpan<byte> name)
    {
        var fresh = MaildirLayout.OpenMessages(
            rootFd, MaildirLayout.Join(name, "new"u8), Policy, directory.Owner, out _);
        if (fresh < 0)
            return false;
        var cur = MaildirLayout.OpenMessages(
            rootFd, MaildirLayout.Join(name, "cur"u8), Policy, directory.Owner, out _);
        if (cur >= 0)
        {
            var folder = FolderNamed(name);
            AdoptHalf(fresh, folder, "new"u8);
            AdoptHalf(cur, folder, "cur"u8);
            Unwatch(folder);
            Files.Close(cur);
        }

        Files.Close(fresh);
        return cur >= 0;
    }

    /// <returns>True when both halves are there.</returns>
    private bool ExamineHalves(int folderFd, MaildirFolder folder) =>
        ExamineHalf(folderFd, folder, "new"u8) & ExamineHalf(folderFd, folder, "cur"u8);

    private bool ExamineHalf(int folderFd, MaildirFolder folder, ReadOnlySpan<byte> half)
    {
        var fd = Files.OpenDirectory(folderFd, half, followLinks: false, out var errno);
        if (fd < 0 && !IsNotThere(errno))
        {
            Trouble = new SystemCallError("open", Display(MaildirLayout.Join(folder.Name, half)), errno)
                + Cure.For(errno);
            return true;
        }

        AdoptHalf(fd, folder, half);
        if (fd < 0)
            return false;
        Files.Close(fd);
        return true;
    }

    private void AdoptHalf(int fd, MaildirFolder folder, ReadOnlySpan<byte> half)
    {
        ref var entry = ref CollectionsMarshal.AsSpan(_folders)[Search(folder.Name)];
        if (half[0] == (byte)'c')
            entry.Cur = Adopt(fd, folder, entry.Cur, half);
        else
            entry.New = Adopt(fd, folder, entry.New, half);
    }

    private void ExamineInside(int rootFd, MaildirFolder folder, byte[] relative)
    {
        _inside ??= [];
        var known = _inside.FirstOrDefault(entry => entry.Value.AsSpan().SequenceEqual(relative)).Key;
        var fd = MaildirLayout.OpenMessages(rootFd, relative, Policy, directory.Owner, out _);
        var id = Adopt(fd, folder, known, relative);
        if (id != 0)
            _inside[id] = relative;
        if (fd >= 0)
            Files.Close(fd);
    }

    /// <summary>Makes the open directory, or none when the descriptor is negative, the one at a place.</summary>
    /// <param name="fd">What is there now.</param>
    /// <param name="folder">The folder it belongs to.</param>
    /// <param name="known">Id of the directory that was there; 0 for none.</param>
    /// <param name="name">For messages.</param>
    /// <returns>Id of the directory that is there; 0 for none.</returns>
    private int Adopt(int fd, MaildirFolder folder, int known, ReadOnlySpan<byte> name)
    {
        if (known != 0)
        {
            if (fd >= 0 && Files.FStat(fd, out var found).IsOk && index.PlaceOf(known).Identity == IdentityOf(found))
                return known;
            Drop(known);
        }

        if (fd < 0)
            return 0;
        var id = index.AddDirectory(folder);
        var watch = table.Add(fd, MessagesMask, owner with { Directory = id }, out var errno);
        // Looked at only now that it is watched: what comes later is told.
        var looked = Files.FStat(fd, out var status);
        index.PlaceOf(id).Identity = IdentityOf(status);
        index.PlaceOf(id).Watch = watch;
        if (watch < 0 || looked.IsError)
            CannotWatch(watch < 0 ? errno : looked, name);
        else
            Learn(fd, id, status);
        return id;
    }

    /// <summary>Lets go of a message directory, and of what is inside it.</summary>
    private void Drop(int id)
    {
        if (index.FolderOf(id) is null)
            return;
        byte[]? path = _inside is { Count: > 0 } ? RelativeOf(id) : null;
        var watch = index.PlaceOf(id).Watch;
        index.RemoveDirectory(id);
        if (watch >= 0)
            table.Remove(watch, owner with { Directory = id });
        if (path is null)
            return;
        _inside!.Remove(id);
        // What was inside went with it; where it went, it is found again.
        var prefix = MaildirLayout.Join(path, default);
        foreach (var (inner, relative) in _inside.ToArray())
            if (relative.AsSpan().StartsWith(prefix))
                Drop(inner);
    }

    private void Forget(ReadOnlySpan<byte> name)
    {
        var at = Search(name);
        if (at < 0)
            return;
        var folder = _folders[at];
        Drop(folder.New);
        Drop(folder.Cur);
        Unwatch(folder.Folder);
        _folders.RemoveAt(at);
        if (!Policy.NestedFolders)
            return;
        // What was inside went with it.
        foreach (var inner in FoldersInside(folder.Folder.Name))
            Forget(inner);
    }

    private byte[] RelativeOf(int id)
    {
        if (_inside is not null && _inside.TryGetValue(id, out var inside))
            return inside;
        var folder = _folders[Search(index.FolderOf(id)!.Name)];
        return MaildirLayout.Join(folder.Folder.Name, folder.Cur == id ? "cur"u8 : "new"u8);
    }

    private string Display(ReadOnlySpan<byte> relative) => directory.Path.Combine(relative).Display;

    private void CannotWatch(Errno errno, ReadOnlySpan<byte> name)
    {
        IsShortOfWatches |= errno == Errno.ENOSPC;
        Trouble = errno == Errno.ENOSPC
            ? InotifyLimits.WatchesExhausted(Math.Max(2 * table.Count, 1024))
            : new SystemCallError(table.Source, Display(name), errno).ToString();
    }
}
