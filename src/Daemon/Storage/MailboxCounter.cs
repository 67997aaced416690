using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Storage;

/// <summary>
/// Counts a mailbox once, watching nothing: for <c>inspect</c>, and to explain a difference by another policy.
/// </summary>
/// <param name="policy">What counts.</param>
/// <param name="rootFd">The mailbox's root, open; stays the caller's.</param>
/// <param name="owner">User id that owns the mailbox.</param>
/// <param name="crew">Helps where names do not say the size; null for nobody.</param>
/// <param name="roots">Rules about folders; null for the policy's own.</param>
internal sealed class MailboxCounter(
    CountingPolicy policy, int rootFd, uint owner, StatCrew? crew = null, IFolderRoots? roots = null)
{
    private const int MaximumDepth = 16;

    /// <summary>Usage per folder, INBOX first. A folder that vanishes meanwhile is left out.</summary>
    public List<(MaildirFolder Folder, Usage Usage)> Folders(out Errno errno)
    {
        var result = new List<(MaildirFolder, Usage)>();
        var names = MaildirLayout.Folders(rootFd, policy, owner, out errno);
        if (errno.IsError)
            return result;
        names.Insert(0, []);
        using var reader = new MessageReader(crew);
        foreach (var name in names)
        {
            var folder = MaildirFolder.By(roots ?? policy, name);
            var usage = default((Int128 Bytes, long Messages));
            var isMaildir = false;
            var fd = MaildirLayout.OpenFolder(rootFd, name, policy, owner, out var failed);
            for (var half = 0; half < 2 && failed.IsOk; half++)
            {
                var messages = half == 0 ? "new"u8 : "cur"u8;
                var open = Files.OpenDirectory(fd, messages, followLinks: false, out failed);
                if (open >= 0)
                    failed = Add(open, MaildirLayout.Join(name, messages), reader, ref usage, 0);
                isMaildir |= failed.IsOk;
                if (IsNotThere(failed))
                    failed = Errno.None;
            }

            if (fd >= 0)
                Files.Close(fd);
            if (failed.IsError && !IsNotThere(failed))
                errno = failed;
            if (isMaildir || folder.IsInbox)
                result.Add((folder, Saturated(usage.Bytes, usage.Messages)));
        }

        return result;
    }

    /// <summary>The mailbox's counted usage.</summary>
    public Usage? Total()
    {
        var folders = Folders(out var errno);
        return errno.IsError ? null : Total(folders);
    }

    /// <summary>What the folders of one quota root hold together; 0 is the user's own.</summary>
    public static Usage Total(IEnumerable<(MaildirFolder Folder, Usage Usage)> folders, int root = 0)
    {
        var (bytes, messages) = ((Int128)0, 0L);
        foreach (var (folder, usage) in folders)
            if (root == 0 ? folder.Counted : folder.Root == root)
                (bytes, messages) = (bytes + usage.Bytes, messages + usage.Messages);
        return Saturated(bytes, messages);
    }

    /// <summary>Sizes in names can lie far beyond 2^63 in sum.</summary>
    private static Usage Saturated(Int128 bytes, long messages) =>
        new((long)Int128.Min(bytes, long.MaxValue), messages);

    private static bool IsNotThere(Errno errno) =>
        errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.ELOOP;

    /// <summary>Counts an open directory and closes it.</summary>
    private Errno Add(
        int fd, byte[] relative, MessageReader reader, ref (Int128 Bytes, long Messages) usage, int depth)
    {
        List<byte[]>? inside = null;
        Errno errno;
        reader.Attach(fd, owner);
        while (reader.ReadBatch(out errno))
        {
            while (reader.Next(out var name, out var type))
            {
                switch (MessageName.Read(name, policy, out var bytes))
                {
                    case MessageSizing.Named:
                        usage = (usage.Bytes + bytes, usage.Messages + 1);
                        break;
                    case MessageSizing.NeedsStat:
                        reader.Ask();
                        break;
                }

                if (policy.SubdirectoriesAsFolders && type == DirectoryReader.DT_DIR && depth < MaximumDepth)
                    (inside ??= []).Add(MaildirLayout.Join(relative, name));
            }

            reader.Look();
            AddFound(reader, ref usage);
        }

        Files.Close(fd);
        foreach (var directory in inside ?? [])
        {
            var open = MaildirLayout.OpenMessages(rootFd, directory, policy, owner, out _);
            if (open >= 0)
                Add(open, directory, reader, ref usage, depth + 1);
        }

        return errno;
    }

    private void AddFound(MessageReader reader, ref (Int128 Bytes, long Messages) usage)
    {
        for (var i = 0; i < reader.Count; i++)
        {
            reader.Found(i, out var stat);
            var gone = !stat.Exists && stat.Kind != EntryKind.SymbolicLink;
            if (!gone && policy.TrySize(stat, out var bytes))
                usage = (usage.Bytes + bytes, usage.Messages + 1);
        }
    }
}
