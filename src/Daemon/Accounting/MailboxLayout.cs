using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// The watched directories of one mailbox: finds folders, follows their coming and going, keeps index and kernel
/// watches
/// in step with them.
/// </summary>
/// <remarks>
/// Implementation notes. Level-triggered: whatever an event says of a folder, the folder is looked at again
/// (<see cref="Examine"/>), and what is there now is compared with what is known by device and inode. A watch is always
/// added before the directory is read, so nothing that comes later is missed. Directories are opened one component at a
/// time below the root's descriptor, without following links, and watched through that descriptor.
/// </remarks>
internal sealed class MailboxLayout(
    MailboxDirectory directory, MailboxIndex index, MailboxWatches table, WatchOwner owner)
{
    private const uint RootMask =
        IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

    private const uint FolderMask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;

    private const uint MessagesMask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE
        | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

    // A mailbox may have ten thousands of folders: kept by name, by number and by id, so that each is found at once.
    private readonly List<WatchedFolder> _folders = [];
    private readonly List<MessageDirectory> _directories = [];
    private Dictionary<int, WatchedFolder>? _incomplete;
    private int _rootWatch = -1;
    private int _lastFolder;

    /// <summary>What is in the way of watching everything, with the cure; null when nothing is.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The kernel has no more watches to give.</summary>
    public bool IsShortOfWatches { get; private set; }

    private CountingPolicy Policy => index.Policy;

    /// <summary>Watches the root and every folder there is.</summary>
    public void Open(int rootFd)
    {
        Trouble = null;
        IsShortOfWatches = false;
        _rootWatch = table.Add(rootFd, RootMask, owner, out var errno);
        if (_rootWatch < 0)
        {
            CannotWatch(errno, "");
            return;
        }

        ExamineAll(rootFd);
    }

    /// <summary>Looks at every folder there is or was.</summary>
    public void ExamineAll(int rootFd)
    {
        var found = MaildirLayout.Folders(rootFd, Policy, directory.Owner, out var errno);
        if (errno.IsError)
            Trouble = new SystemCallError("getdents", directory.Path.Display, errno).ToString();
        var before = _folders.ToArray();
        Examine(rootFd, default);
        foreach (var name in found)
            Examine(rootFd, name);
        found.Sort(static (one, other) => one.AsSpan().SequenceCompareTo(other));
        var next = 0;
        foreach (var known in before)
        {
            while (next < found.Count && found[next].AsSpan().SequenceCompareTo(known.Folder.Name) < 0)
                next++;
            if (!known.Folder.IsInbox
                && (next == found.Count || !found[next].AsSpan().SequenceEqual(known.Folder.Name)))
                Examine(rootFd, known.Folder.Name);
        }
    }

    /// <summary>Looks at one folder and makes watches and index fit what is there.</summary>
    /// <param name="rootFd">Open root.</param>
    /// <param name="name">Relative name; empty for INBOX.</param>
    public void Examine(int rootFd, ReadOnlySpan<byte> name)
    {
        var folder = FindFolder(name);
        var fd = MaildirLayout.OpenFolder(rootFd, name, Policy, directory.Owner, out var errno);
        if (fd < 0)
        {
            if (IsNotThere(errno))
                Forget(folder, name);
            else
                Trouble = new SystemCallError("open", Display(name), errno) + Cure.For(errno);
            return;
        }

        if (folder is null)
        {
            folder = new WatchedFolder(++_lastFolder, new MaildirFolder(name.ToArray(), Policy.CountsFolder(name)));
            _folders.Insert(~Search(name), folder);
        }

        // With both halves there each tells when it goes. Else the folder is watched, then looked into once more;
        // the root is watched anyway.
        var fresh = false;
        var keep = Policy.NestedFolders;
        if (keep || !ExamineHalves(fd, folder))
        {
            fresh = !folder.Folder.IsInbox && WatchFolder(fd, folder);
            keep |= !ExamineHalves(fd, folder);
        }

        var inside = fresh && Policy.NestedFolders ? MaildirLayout.Inside(fd, folder.Folder.Name, Policy) : [];
        Files.Close(fd);
        if (!keep && folder.Watch >= 0)
        {
            Unwatch(folder);
        }

        // Made or moved in at once with what is inside, of which no event tells; or another directory of that name.
        if (fresh && Policy.NestedFolders)
            inside.AddRange(FoldersInside(folder).Select(inner => inner.Folder.Name).ToArray());
        foreach (var inner in inside)
            Examine(rootFd, inner);
    }

    /// <returns>True when the directory was not watched for this folder before.</returns>
    private bool WatchFolder(int fd, WatchedFolder folder)
    {
        var watch = table.Add(fd, FolderMask, FolderOwner(folder), out var errno);
        if (watch == folder.Watch)
            return false;
        // Another directory has taken the name, or the first one has come.
        if (folder.Watch >= 0)
            Unwatch(folder);
        folder.Watch = watch;
        if (watch >= 0)
            (_incomplete ??= [])[folder.Number] = folder;
        else
            CannotWatch(errno, Display(folder.Folder.Name));
        return true;
    }

    /// <summary>A directory inside a message directory, for the policy that counts what it holds (Exim).</summary>
    public void ExamineInside(int rootFd, int parent, ReadOnlySpan<byte> name)
    {
        if (FindDirectory(parent) is not { } outer)
            return;
        var relative = MaildirLayout.Join(outer.Relative, name);
        var fd = MaildirLayout.OpenMessages(rootFd, relative, Policy, directory.Owner, out _);
        Adopt(fd, outer.Folder, relative);
        if (fd >= 0)
            Files.Close(fd);
    }

    /// <summary>A watched message directory was removed, moved or unmounted: look at where it was.</summary>
    public void ExamineGone(int rootFd, int id)
    {
        if (FindDirectory(id) is not { } gone)
            return;
        var fd = MaildirLayout.OpenMessages(rootFd, gone.Relative, Policy, directory.Owner, out _);
        Adopt(fd, gone.Folder, gone.Relative);
        if (fd >= 0)
            Files.Close(fd);
        Examine(rootFd, gone.Folder.Folder.Name);
    }

    public WatchedFolder? FolderByNumber(int number) => _incomplete?.GetValueOrDefault(number);

    /// <summary>Opens a message directory if it is still the one that is watched; ENOENT when not.</summary>
    public int OpenDirectory(int rootFd, int id, out Errno errno)
    {
        errno = Errno.ENOENT;
        if (FindDirectory(id) is not { } known)
            return -1;
        var fd = MaildirLayout.OpenMessages(rootFd, known.Relative, Policy, directory.Owner, out errno);
        if (fd < 0)
            return -1;
        errno = Files.FStat(fd, out var status);
        if (errno.IsOk && (status.Inode != known.Inode || status.Device != known.Device))
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
        foreach (var known in _directories)
        {
            index.RemoveDirectory(known.Id);
            table.Remove(known.Watch, owner with { Directory = known.Id });
        }

        foreach (var folder in _folders)
            if (folder.Watch >= 0)
                table.Remove(folder.Watch, FolderOwner(folder));
        if (_rootWatch >= 0)
            table.Remove(_rootWatch, owner);
        _directories.Clear();
        _folders.Clear();
        _incomplete = null;
        _rootWatch = -1;
    }

    private static bool IsNotThere(Errno errno) =>
        errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.ELOOP;

    private bool ExamineHalves(int folderFd, WatchedFolder folder) =>
        ExamineHalf(folderFd, folder, "new"u8) & ExamineHalf(folderFd, folder, "cur"u8);

    /// <returns>True when the half is there.</returns>
    private bool ExamineHalf(int folderFd, WatchedFolder folder, ReadOnlySpan<byte> half)
    {
        var relative = MaildirLayout.Join(folder.Folder.Name, half);
        var fd = Files.OpenDirectory(folderFd, half, followLinks: false, out var errno);
        if (fd < 0 && !IsNotThere(errno))
        {
            Trouble = new SystemCallError("open", Display(relative), errno) + Cure.For(errno);
            return true;
        }

        Adopt(fd, folder, relative);
        if (fd < 0)
            return false;
        Files.Close(fd);
        return true;
    }

    /// <summary>Makes the directory open as <paramref name="fd"/>, or none when it is negative, the one at that
    /// path.</summary>
    private void Adopt(int fd, WatchedFolder folder, byte[] relative)
    {
        var known = folder.Directories.Find(entry => entry.Relative.AsSpan().SequenceEqual(relative));
        FileStatus status = default;
        var there = fd >= 0 && Files.FStat(fd, out status).IsOk;
        if (there && known is not null && known.Inode == status.Inode && known.Device == status.Device)
            return;
        if (known is not null)
            Forget(known);
        if (!there)
            return;

        var adopted = new MessageDirectory(
            index.AddDirectory(folder.Folder), folder, relative, status.Device, status.Inode);
        adopted.Watch = table.Add(fd, MessagesMask, owner with { Directory = adopted.Id }, out var errno);
        _directories.Add(adopted);
        folder.Directories.Add(adopted);
        if (adopted.Watch < 0)
            CannotWatch(errno, Display(relative));
    }

    private void Forget(WatchedFolder? folder, ReadOnlySpan<byte> name)
    {
        if (folder is null)
            return;
        while (folder.Directories.Count > 0)
            Forget(folder.Directories[0]);
        if (folder.Watch >= 0)
            Unwatch(folder);
        if (Search(name) is >= 0 and var at)
            _folders.RemoveAt(at);
        if (!Policy.NestedFolders)
            return;
        // What was inside went with it.
        foreach (var inner in FoldersInside(folder).ToArray())
            Forget(inner, inner.Folder.Name);
    }

    private IEnumerable<WatchedFolder> FoldersInside(WatchedFolder folder)
    {
        var prefix = MaildirLayout.Join(folder.Folder.Name, default);
        var first = Search(prefix);
        return _folders.Skip(first < 0 ? ~first : first)
            .TakeWhile(entry => entry.Folder.Name.AsSpan().StartsWith(prefix));
    }

    private void Forget(MessageDirectory known)
    {
        index.RemoveDirectory(known.Id);
        if (known.Watch >= 0)
            table.Remove(known.Watch, owner with { Directory = known.Id });
        _directories.RemoveAt(Search(known.Id));
        known.Folder.Directories.Remove(known);
        if (!Policy.SubdirectoriesAsFolders)
            return;
        // What was inside went with it; where it went, it is found again.
        var prefix = MaildirLayout.Join(known.Relative, default);
        var inside = known.Folder.Directories.Where(entry => entry.Relative.AsSpan().StartsWith(prefix));
        foreach (var inner in inside.ToArray())
            if (Search(inner.Id) >= 0)
                Forget(inner);
    }

    private WatchOwner FolderOwner(WatchedFolder folder) => owner with { Directory = -folder.Number };

    private WatchedFolder? FindFolder(ReadOnlySpan<byte> name)
    {
        var at = Search(name);
        return at < 0 ? null : _folders[at];
    }

    private MessageDirectory? FindDirectory(int id)
    {
        var at = Search(id);
        return at < 0 ? null : _directories[at];
    }

    /// <summary>Where the folder of that name stands, or the complement of where it would.</summary>
    private int Search(ReadOnlySpan<byte> name)
    {
        var (low, high) = (0, _folders.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = name.SequenceCompareTo(_folders[middle].Folder.Name);
            if (order == 0)
                return middle;
            if (order < 0)
                high = middle - 1;
            else
                low = middle + 1;
        }

        return ~low;
    }

    /// <summary>Where the directory stands, or the complement of where it would. Ids grow as they are given.</summary>
    private int Search(int id)
    {
        var (low, high) = (0, _directories.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (_directories[middle].Id == id)
                return middle;
            if (id < _directories[middle].Id)
                high = middle - 1;
            else
                low = middle + 1;
        }

        return ~low;
    }

    private void Unwatch(WatchedFolder folder)
    {
        table.Remove(folder.Watch, FolderOwner(folder));
        folder.Watch = -1;
        _incomplete?.Remove(folder.Number);
    }

    private string Display(ReadOnlySpan<byte> relative) => directory.Path.Combine(relative).Display;

    private void CannotWatch(Errno errno, string path)
    {
        IsShortOfWatches |= errno == Errno.ENOSPC;
        Trouble = errno == Errno.ENOSPC
            ? InotifyLimits.WatchesExhausted(Math.Max(2 * table.Count, 1024))
            : new SystemCallError(table.Source, path, errno).ToString();
    }
}
