using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>What a record of the kernel means for the mailbox.</summary>
internal sealed partial class Mailbox
{
    private void OnMessages(in EventHeader header, ReadOnlySpan<byte> name, Moment now)
    {
        if ((header.Mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0)
        {
            var gone = header.Directory;
            var ended = (header.Mask & ~(IN_MOVE_SELF | IN_ISDIR)) != 0;
            WithRoot(root => _layout.ExamineGone(root, gone, ended));
            Accountant.DirectoriesChanged(now);
            return;
        }

        var change = new MaildirEvent
        {
            Kind = KindOf(header.Mask),
            Directory = header.Directory,
            Name = name,
            Cookie = header.Cookie,
            FromOtherMailbox = header.FromOtherMailbox != 0,
        };
        Accountant.Apply(change, now);
        if ((header.Mask & IN_AMBIGUOUS) != 0)
            Accountant.Suspect(header.Directory, now);

        if ((header.Mask & IN_ISDIR) != 0 && Accountant.Index.Policy.SubdirectoriesAsFolders)
        {
            var (parent, inside) = (header.Directory, name.ToArray());
            WithRoot(root => _layout.ExamineInside(root, parent, inside));
            Accountant.DirectoriesChanged(now);
        }
    }

    private void OnRoot(in EventHeader header, ReadOnlySpan<byte> name, Moment now)
    {
        if (name.SequenceEqual("maildirsize"u8))
        {
            Accountant.Apply(new MaildirEvent { Kind = MaildirEventKind.LedgerTouched }, now);
        }
        else if (name.IsEmpty)
        {
            // Removed, moved or unmounted. Opening by path tells whether it is still where it was.
            if ((header.Mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0)
                CheckRoot();
            IsGone |= (header.Mask & (IN_DELETE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0;
        }
        else if (name[0] == (byte)'.')
        {
            if ((header.Mask & IN_ISDIR) != 0 || Accountant.Index.Policy.FollowLinkedFolders)
                OnFolder(name, default, now);
        }
        else
        {
            OnFolder(default, default, now);
        }
    }

    /// <param name="folder">Name of the folder to look at.</param>
    /// <param name="entry">What changed in it; a folder of its own where folders nest.</param>
    /// <param name="now">Now.</param>
    private void OnFolder(ReadOnlySpan<byte> folder, ReadOnlySpan<byte> entry, Moment now)
    {
        var name = Accountant.Index.Policy.NestedFolders && entry.Length > 1 && entry[0] == (byte)'.'
            ? MaildirLayout.Join(folder, entry)
            : folder.ToArray();
        WithRoot(root => _layout.Examine(root, name));
        Accountant.DirectoriesChanged(now);
    }

    private static MaildirEventKind KindOf(uint mask) =>
        (mask & IN_CREATE) != 0 ? MaildirEventKind.Created
        : (mask & IN_DELETE) != 0 ? MaildirEventKind.Deleted
        : (mask & IN_MOVED_FROM) != 0 ? MaildirEventKind.MovedOut
        : (mask & IN_MOVED_TO) != 0 ? MaildirEventKind.MovedIn
        : MaildirEventKind.Written;
}
