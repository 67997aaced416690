using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Storage;

/// <summary>
/// Counts a mailbox once, watching nothing: for <c>inspect</c>, and to explain a difference by another policy.
/// </summary>
internal sealed class MailboxCounter(CountingPolicy policy, int rootFd, uint owner)
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
        foreach (var name in names)
        {
            var folder = new MaildirFolder(name, policy.CountsFolder(name));
            var usage = default((Int128 Bytes, long Messages));
            var isMaildir = false;
            foreach (var half in (ReadOnlySpan<string>)["new", "cur"])
            {
                var failed = Add(MaildirLayout.Join(name, System.Text.Encoding.ASCII.GetBytes(half)), ref usage, 0);
                isMaildir |= failed.IsOk;
                if (failed.IsError && !IsNotThere(failed))
                    errno = failed;
            }

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

    public static Usage Total(IEnumerable<(MaildirFolder Folder, Usage Usage)> folders)
    {
        var (bytes, messages) = ((Int128)0, 0L);
        foreach (var (folder, usage) in folders)
            if (folder.Counted)
                (bytes, messages) = (bytes + usage.Bytes, messages + usage.Messages);
        return Saturated(bytes, messages);
    }

    /// <summary>Sizes in names can lie far beyond 2^63 in sum.</summary>
    private static Usage Saturated(Int128 bytes, long messages) =>
        new((long)Int128.Min(bytes, long.MaxValue), messages);

    private static bool IsNotThere(Errno errno) =>
        errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.ELOOP;

    private Errno Add(byte[] relative, ref (Int128 Bytes, long Messages) usage, int depth)
    {
        var fd = MaildirLayout.OpenMessages(rootFd, relative, policy, owner, out var errno);
        if (fd < 0)
            return errno;
        List<byte[]>? inside = null;
        using var reader = new DirectoryReader();
        reader.Attach(fd);
        while (reader.ReadBatch(out errno))
            while (reader.Next(out var name, out var type))
            {
                var counted = Count(fd, name);
                usage = (usage.Bytes + counted.Bytes, usage.Messages + counted.Messages);
                if (policy.SubdirectoriesAsFolders && type == DirectoryReader.DT_DIR && depth < MaximumDepth)
                    (inside ??= []).Add(MaildirLayout.Join(relative, name));
            }

        Files.Close(fd);
        foreach (var directory in inside ?? [])
            Add(directory, ref usage, depth + 1);
        return errno;
    }

    private UsageDelta Count(int fd, ReadOnlySpan<byte> name)
    {
        switch (MessageName.Read(name, policy, out var bytes))
        {
            case MessageSizing.Named:
                return new UsageDelta(bytes, 1);
            case MessageSizing.NeedsStat:
                var stat = MessageDisk.Stat(fd, name, owner);
                var gone = !stat.Exists && stat.Kind != EntryKind.SymbolicLink;
                return !gone && policy.TrySize(stat, out bytes) ? new UsageDelta(bytes, 1) : default;
            default:
                return default;
        }
    }
}
