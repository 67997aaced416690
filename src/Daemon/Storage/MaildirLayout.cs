using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Storage;

/// <summary>Which directories of a mailbox are folders, by the counting policy. Names are bytes relative to the
/// root.</summary>
internal static class MaildirLayout
{
    /// <summary>How deep Exim's folders in folders are followed.</summary>
    private const int MaximumDepth = 16;

    /// <summary>Whether a directory entry of the root (or of a folder, when they nest) may be a folder.</summary>
    public static bool MayBeFolder(ReadOnlySpan<byte> name, byte type, CountingPolicy policy) =>
        name.Length > 1 && name[0] == (byte)'.'
        && (type is DirectoryReader.DT_DIR or DirectoryReader.DT_UNKNOWN
            || (type == DirectoryReader.DT_LNK && policy.FollowLinkedFolders));

    /// <summary>
    /// Opens a folder. A link is followed only where the policy does, and only to a directory of the same owner.
    /// </summary>
    /// <param name="rootFd">The mailbox's root.</param>
    /// <param name="folder">Relative name; empty for INBOX.</param>
    /// <param name="policy">What counts.</param>
    /// <param name="owner">User id that owns the mailbox.</param>
    /// <param name="errno">Why -1.</param>
    public static int OpenFolder(
        int rootFd, ReadOnlySpan<byte> folder, CountingPolicy policy, uint owner, out Errno errno)
    {
        if (folder.Contains((byte)'/') || !policy.FollowLinkedFolders || folder.IsEmpty)
            return Files.OpenBeneath(rootFd, folder, followLinks: false, out errno);
        var fd = Files.OpenDirectory(rootFd, folder, followLinks: true, out errno);
        if (fd < 0)
            return -1;
        errno = Files.FStat(fd, out var status);
        if (errno.IsOk && status.Uid == owner)
            return fd;
        Files.Close(fd);
        errno = errno.IsOk ? Errno.ELOOP : errno;
        return -1;
    }

    /// <summary>Opens a message directory, <c>cur</c> or <c>.Sent/new</c>; only the folder itself may be a
    /// link.</summary>
    public static int OpenMessages(
        int rootFd, ReadOnlySpan<byte> relative, CountingPolicy policy, uint owner, out Errno errno)
    {
        var slash = relative.LastIndexOf((byte)'/');
        if (slash < 0 || !policy.FollowLinkedFolders)
            return Files.OpenBeneath(rootFd, relative, followLinks: false, out errno);
        var folder = OpenFolder(rootFd, relative[..slash], policy, owner, out errno);
        if (folder < 0)
            return -1;
        var fd = Files.OpenDirectory(folder, relative[(slash + 1)..], followLinks: false, out errno);
        Files.Close(folder);
        return fd;
    }

    /// <summary>Names of the folders in the root, and below them where folders nest; INBOX is not among them.</summary>
    public static List<byte[]> Folders(int rootFd, CountingPolicy policy, uint owner, out Errno errno)
    {
        var folders = new List<byte[]>();
        using var reader = new DirectoryReader();
        errno = Collect(rootFd, rootFd, [], policy, owner, reader, folders, 0);
        return folders;
    }

    /// <summary>Relative names of the folders directly inside an open folder, where they nest.</summary>
    public static List<byte[]> Inside(int folderFd, byte[] folder, CountingPolicy policy)
    {
        var folders = new List<byte[]>();
        if (folder.AsSpan().Count((byte)'/') >= MaximumDepth)
            return folders;
        using var reader = new DirectoryReader();
        List(folderFd, folder, policy, reader, folders);
        return folders;
    }

    /// <summary>The relative path of a name in a folder.</summary>
    public static byte[] Join(ReadOnlySpan<byte> folder, ReadOnlySpan<byte> name)
    {
        if (folder.IsEmpty)
            return name.ToArray();
        var path = new byte[folder.Length + 1 + name.Length];
        folder.CopyTo(path);
        path[folder.Length] = (byte)'/';
        name.CopyTo(path.AsSpan(folder.Length + 1));
        return path;
    }

    private static Errno Collect(
        int rootFd, int fd, byte[] folder, CountingPolicy policy, uint owner, DirectoryReader reader,
        List<byte[]> folders, int depth)
    {
        var first = folders.Count;
        var errno = List(fd, folder, policy, reader, folders);
        if (!policy.NestedFolders || depth == MaximumDepth)
            return errno;
        for (int i = first, last = folders.Count; i < last; i++)
        {
            var inner = OpenFolder(rootFd, folders[i], policy, owner, out _);
            if (inner < 0)
                continue;
            Collect(rootFd, inner, folders[i], policy, owner, reader, folders, depth + 1);
            Files.Close(inner);
        }

        return errno;
    }

    private static Errno List(
        int fd, byte[] folder, CountingPolicy policy, DirectoryReader reader, List<byte[]> folders)
    {
        reader.Attach(fd);
        var errno = reader.Rewind();
        while (errno.IsOk && reader.ReadBatch(out errno))
            while (reader.Next(out var name, out var type))
                if (MayBeFolder(name, type, policy))
                    folders.Add(Join(folder, name));
        return errno;
    }
}
