using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Storage;

/// <summary>
/// Where a mailbox is and which directory that was when it was found: a path that leads anywhere else later is refused,
/// so that its owner cannot put another directory or a link in its place.
/// </summary>
/// <param name="Path">The mailbox's root, without links in what its owner may change.</param>
/// <param name="Device">Device of the root.</param>
/// <param name="Inode">Inode of the root.</param>
/// <param name="Owner">User id that owns the root.</param>
internal sealed record MailboxDirectory(BytePath Path, ulong Device, ulong Inode, uint Owner)
{
    /// <summary>Opens the root; ESTALE when the path leads to another directory by now.</summary>
    public int Open(out Errno errno)
    {
        var fd = Files.OpenDirectory(Path, followLinks: true, out errno);
        if (fd < 0)
            return -1;
        errno = Files.FStat(fd, out var status);
        if (errno.IsOk && (status.Inode != Inode || status.Device != Device))
            errno = Errno.ESTALE;
        if (errno.IsOk)
            return fd;
        Files.Close(fd);
        return -1;
    }

    /// <summary>Takes the directory a path leads to now; null when there is none.</summary>
    /// <param name="path">Path of the root; its last component must not be a link unless links are followed.</param>
    /// <param name="followLinks">True when an administrator gave the path.</param>
    /// <param name="errno">Why null.</param>
    public static MailboxDirectory? Find(BytePath path, bool followLinks, out Errno errno)
    {
        var fd = Files.OpenDirectory(path, followLinks, out errno);
        if (fd < 0)
            return null;
        errno = Files.FStat(fd, out var status);
        Files.Close(fd);
        return errno.IsOk ? new MailboxDirectory(path, status.Device, status.Inode, status.Uid) : null;
    }
}
