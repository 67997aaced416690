using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Storage;

/// <summary>Asks the disk for the size of one message.</summary>
internal static class MessageDisk
{
    /// <summary>
    /// Stat of one entry; its name may end in NUL, which saves a copy. A link is followed only to something of the
    /// mailbox owner's own: otherwise he could learn from a privileged daemon whether a file exists and how large it
    /// is.
    /// </summary>
    public static MessageStat Stat(int directoryFd, ReadOnlySpan<byte> name, uint owner)
    {
        if (!Files.StatAt(directoryFd, name, followLinks: false, out var status, out _))
            return new MessageStat(false, EntryKind.Other, 0, 0);
        if (status.Kind != FileKind.SymbolicLink)
            return From(status);
        return Files.StatAt(directoryFd, name, followLinks: true, out var target, out _) && target.Uid == owner
            ? From(target)
            : new MessageStat(false, EntryKind.SymbolicLink, 0, 0);
    }

    private static MessageStat From(in FileStatus status) => new(
        true,
        status.Kind switch
        {
            FileKind.Regular => EntryKind.File,
            FileKind.Directory => EntryKind.Directory,
            _ => EntryKind.Other,
        },
        status.Length,
        status.Links);
}
