using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// The messages in INBOX that our own warnings have put there, told by their file names: <c>quota-warning.ID</c>. Read
/// from the disk, and only when a warning is about to be due: nothing has to be announced, remembered or guessed, and a
/// message that was deleted, or moved to another folder, is not among them any more.
/// </summary>
internal static class OwnMessages
{
    /// <summary>Larger ones count like any other: a file name hides no more than this.</summary>
    public const long Largest = 16 * 1024;

    private static ReadOnlySpan<byte> Prefix => "quota-warning."u8;

    /// <summary>How much of the mailbox's usage they are. On its worker's thread; none when it is unreadable.</summary>
    public static Usage In(Mailbox mailbox)
    {
        var (bytes, messages) = (0L, 0L);
        var root = mailbox.Directory.Open(out _);
        if (root < 0)
            return Usage.Zero;
        foreach (var directory in mailbox.Accountant.Index.All())
        {
            if (directory.Folder is not { IsInbox: true, Counted: true })
                continue;
            var fd = mailbox.OpenDirectory(root, directory.Id, out _, out _);
            if (fd < 0)
                continue;
            using var reader = new DirectoryReader();
            reader.Attach(fd);
            while (reader.ReadBatch(out _))
                while (reader.Next(out var name, out _))
                    if (name.StartsWith(Prefix) && SizeOf(mailbox, fd, name) is { } size and <= Largest)
                        (bytes, messages) = (bytes + size, messages + 1);
            Files.Close(fd);
        }

        Files.Close(root);
        return new Usage(bytes, messages);
    }

    /// <summary>As it was counted; null for what is not.</summary>
    private static long? SizeOf(Mailbox mailbox, int fd, ReadOnlySpan<byte> name)
    {
        var policy = mailbox.Accountant.Index.Policy;
        return MessageName.Read(name, policy, out var named) switch
        {
            MessageSizing.Named => named,
            MessageSizing.NeedsStat when policy.TrySize(mailbox.StatIn(fd, name), out var bytes) => bytes,
            _ => null,
        };
    }
}
