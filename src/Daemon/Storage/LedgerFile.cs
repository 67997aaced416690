using System.Text;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;
using static MaildirQuotaWatcher.Linux.OpenFlags;

namespace MaildirQuotaWatcher.Storage;

/// <summary>
/// <c>maildirsize</c> on disk: read, append one line, replace by rename. Everything that can be in the way comes back
/// as a value with a message and the cure.
/// </summary>
/// <remarks>
/// Implementation notes. Others write the file without locks. Append: O_APPEND and one write(2) of one whole line, onto
/// the same inode with the same length that was read. Replace: a temporary file in the mailbox's own <c>tmp/</c>,
/// owner, group and mode of the old file, renamed; never unlinked, never truncated, nothing made in <c>cur</c>,
/// <c>new</c> or a folder, since changes there upset other programs' own recounts. Both only while nobody else has the
/// file open, which the write lease tells where there is one. It is given back at once: maildrop opens with O_NONBLOCK,
/// and while a lease is held delivers without entering the message. So old and new trade places, and if somebody turns
/// out to have the old one they trade back. What is written to a replaced file all the same is reported by the kernel
/// under the name <c>maildirsize</c>, and the next comparison heals it. No fsync: the ledger can always be recounted.
/// </remarks>
internal static class LedgerFile
{
    /// <summary>Enough for every sound ledger, and for the header of one that is too long.</summary>
    private const int ReadLength = 2 * MaildirSizeFormat.RecalculateLength;

    private const uint NewFileMode = 0x180; // 0600
    private static int _temporaryFiles;

    private static ReadOnlySpan<byte> Name => "maildirsize"u8;

    /// <summary>Reads the ledger of the mailbox whose root is open.</summary>
    /// <param name="rootFd">Open root directory.</param>
    /// <param name="root">Its path, for messages.</param>
    /// <param name="unixSeconds">Now, to tell the file's age.</param>
    public static LedgerReading Read(int rootFd, BytePath root, long unixSeconds)
    {
        var fd = OpenRegular(rootFd, root, O_RDONLY, out var status, out var refusal);
        if (fd < 0)
            return refusal!;
        try
        {
            Span<byte> content = stackalloc byte[ReadLength];
            var length = 0;
            while (length < ReadLength)
            {
                var read = Files.PRead(fd, content[length..], length, out var errno);
                if (errno.IsError)
                    return Failed("read", root, errno);
                length += read;
                if (read == 0 || (length >= status.Length && length < ReadLength))
                    break;
            }

            // Somebody may have appended since the stat; what was read is what counts.
            var whole = length < ReadLength ? length : Math.Max(status.Length, length);
            return new LedgerReading
            {
                State = LedgerState.Present,
                Ledger = MaildirSizeFormat.Parse(content[..length], whole),
                Identity = new LedgerIdentity(status.Device, status.Inode, whole),
                Age = TimeSpan.FromSeconds(Math.Max(0, unixSeconds - status.ModifiedSeconds)),
            };
        }
        finally
        {
            Files.Close(fd);
        }
    }

    /// <inheritdoc cref="IMailboxFiles.Append"/>
    public static LedgerWrite Append(int rootFd, BytePath root, LedgerReading seen, UsageDelta delta, bool insist)
    {
        // What it is need not be looked at: the file that was read, with nothing added, is a plain one with one name.
        var fd = Open(rootFd, root, O_RDWR | O_APPEND, out var refusal);
        if (fd < 0)
            return Obstacle(refusal!);
        if (!IsUndisturbed(fd, seen, insist, out var obstacle))
        {
            Files.Close(fd);
            return obstacle;
        }

        Span<byte> line = stackalloc byte[MaildirSizeFormat.MaximumLine];
        line = line[..MaildirSizeFormat.FormatLine(delta, line)];
        var written = Files.Write(fd, line, out var errno);
        Files.Close(fd);
        if (written == line.Length)
            return new LedgerWrite(LedgerOutcome.Written);
        // A fragment is not completed by a second write: somebody may have appended in between. It will be replaced.
        return CannotWrite("write", root, errno.IsError ? errno : Errno.ENOSPC);
    }

    /// <inheritdoc cref="IMailboxFiles.Replace"/>
    public static LedgerWrite Replace(
        int rootFd, BytePath root, LedgerReading seen, ReadOnlySpan<byte> header, Usage usage, bool insist)
    {
        var old = -1;
        var errno = Files.FStat(rootFd, out var owner);
        if (errno.IsError)
            return CannotWrite("stat", root, errno);
        // As Dovecot derives it: whoever may read and write the mailbox may read and write its ledger.
        var mode = (owner.Mode & 0x1b6) | NewFileMode;
        if (seen.State == LedgerState.Present)
        {
            old = OpenRegular(rootFd, root, O_RDONLY, out owner, out var refusal);
            if (old < 0)
                return Obstacle(refusal!);
            mode = owner.Mode;
        }
        else if (Files.StatAt(rootFd, Name, followLinks: false, out _, out _))
        {
            return new LedgerWrite(LedgerOutcome.Changed);
        }

        var result = Publish(rootFd, root, old, seen, insist, header, usage, owner, mode);
        if (old >= 0)
            Files.Close(old);
        return result;
    }

    private static LedgerWrite Publish(
        int rootFd, BytePath root, int old, LedgerReading seen, bool insist,
        ReadOnlySpan<byte> header, Usage usage, in FileStatus owner, uint mode)
    {
        var tmp = Files.OpenDirectory(rootFd, "tmp"u8, followLinks: false, out var errno);
        if (tmp < 0)
        {
            return new LedgerWrite(
                LedgerOutcome.Failed,
                $"{Call("open", root, "/tmp", errno)}: a Maildir needs its tmp; make it: mkdir {root.Display}/tmp");
        }

        var name = TemporaryName();
        var fd = Files.Open(tmp, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, NewFileMode, out errno);
        if (fd < 0)
        {
            Files.Close(tmp);
            return CannotWrite("open", root, errno, "/tmp/" + Encoding.ASCII.GetString(name));
        }

        var failed = Fill(fd, header, usage, owner.Uid, owner.Gid, mode, out errno);
        Files.Close(fd);
        // Everything slow is done: what was seen is held against what is there just before they trade places.
        LedgerWrite obstacle = default;
        if (failed is null && (old < 0 || IsUndisturbed(old, seen, insist, out obstacle)))
        {
            errno = old < 0 ? Files.RenameAt(tmp, name, rootFd, Name)
                : TradePlaces(tmp, name, rootFd, old, seen, insist, out obstacle);
            failed = errno.IsOk ? null : "rename";
        }

        // Ours if it was not wanted, the replaced one if it was; nothing if it was renamed.
        Files.UnlinkAt(tmp, name);
        Files.Close(tmp);
        return failed is null ? obstacle : CannotWrite(failed, root, errno);
    }

    /// <summary>Puts the new file in the old one's place, unless a writer has come who found the old one.</summary>
    private static Errno TradePlaces(
        int tmp, ReadOnlySpan<byte> name, int rootFd, int old, LedgerReading seen, bool insist,
        out LedgerWrite obstacle)
    {
        obstacle = new LedgerWrite(LedgerOutcome.Written);
        if (!Files.StatAt(tmp, name, followLinks: false, out var ours, out var errno))
            return errno;
        errno = Files.ExchangeAt(tmp, name, rootFd, Name);
        if (errno == Errno.EINVAL || errno == Errno.ENOSYS)
            return Files.RenameAt(tmp, name, rootFd, Name);
        if (errno.IsError || IsUndisturbed(old, seen, insist, out obstacle))
            return errno;

        errno = Files.ExchangeAt(tmp, name, rootFd, Name);
        // Somebody may have put a third file there meanwhile: then that one is the ledger.
        if (Files.StatAt(tmp, name, followLinks: false, out var back, out _) && back.Inode != ours.Inode)
            Files.ExchangeAt(tmp, name, rootFd, Name);
        return errno;
    }

    /// <returns>The call that failed, or null.</returns>
    private static string? Fill(
        int fd, ReadOnlySpan<byte> header, Usage usage, uint uid, uint gid, uint mode, out Errno errno)
    {
        Span<byte> content = stackalloc byte[header.Length + 1 + MaildirSizeFormat.MaximumLine];
        header.CopyTo(content);
        content[header.Length] = (byte)'\n';
        var line = MaildirSizeFormat.FormatLine(usage - Usage.Zero, content[(header.Length + 1)..]);
        content = content[..(header.Length + 1 + line)];

        // Blocks given now are not looked for inside the rename (ext4), while others wait.
        errno = Files.Allocate(fd, content.Length);
        if (errno == Errno.ENOSPC || errno == Errno.EDQUOT)
            return "fallocate";
        if (Files.Write(fd, content, out errno) != content.Length)
        {
            errno = errno.IsError ? errno : Errno.ENOSPC;
            return "write";
        }

        errno = Files.FStat(fd, out var status);
        if (errno.IsOk && (status.Uid != uid || status.Gid != gid))
            errno = Files.FChown(fd, uid, gid);
        if (errno.IsError)
            return "chown";
        errno = Files.FChmod(fd, mode);
        return errno.IsError ? "chmod" : null;
    }

    /// <summary>Whether nobody has the file open, and it is the one that was read, with nothing added.</summary>
    private static bool IsUndisturbed(int fd, LedgerReading seen, bool insist, out LedgerWrite obstacle)
    {
        // EAGAIN: somebody has it open. Anything else: no leases here, the settle time alone decides.
        if (Lease.Probe(fd) == Errno.EAGAIN && !insist)
            obstacle = new LedgerWrite(LedgerOutcome.Busy);
        else if (Files.FStat(fd, out var status).IsError || status.Kind != FileKind.Regular || status.Links != 1
                 || new LedgerIdentity(status.Device, status.Inode, status.Length) != seen.Identity)
            obstacle = new LedgerWrite(LedgerOutcome.Changed);
        else
            obstacle = new LedgerWrite(LedgerOutcome.Written);
        return obstacle.Outcome == LedgerOutcome.Written;
    }

    private static LedgerWrite Obstacle(LedgerReading refusal) => refusal.State == LedgerState.Absent
        ? new LedgerWrite(LedgerOutcome.Changed)
        : new LedgerWrite(LedgerOutcome.Failed, refusal.Problem);

    /// <summary>Opens the ledger if it is a plain file with one name; anything else is refused with the cure.</summary>
    private static int OpenRegular(
        int rootFd, BytePath root, int flags, out FileStatus status, out LedgerReading? refusal)
    {
        status = default;
        var fd = Open(rootFd, root, flags, out refusal);
        if (fd < 0)
            return -1;

        var errno = Files.FStat(fd, out status);
        if (errno.IsError)
            refusal = Failed("fstat", root, errno);
        else if (status.Kind != FileKind.Regular)
            refusal = Refused(root, status.Kind switch
            {
                FileKind.Directory => "a directory",
                FileKind.Fifo => "a FIFO",
                _ => "no regular file",
            });
        else if (status.Links > 1)
            refusal = Refused(root, $"a file with {status.Links} hard links");
        else
            return fd;
        Files.Close(fd);
        return -1;
    }

    /// <summary>Opens whatever bears the name; links are refused, and nothing is waited for.</summary>
    private static int Open(int rootFd, BytePath root, int flags, out LedgerReading? refusal)
    {
        refusal = null;
        // O_NONBLOCK: a FIFO in its place must not stop us.
        var fd = Files.Open(rootFd, Name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0, out var errno);
        if (fd < 0)
        {
            refusal = errno == Errno.ENOENT ? new LedgerReading { State = LedgerState.Absent }
                : errno == Errno.ELOOP ? Refused(root, "a symbolic link")
                : errno == Errno.EISDIR ? Refused(root, "a directory")
                : Failed("open", root, errno);
        }

        return fd;
    }

    private static byte[] TemporaryName() => Encoding.ASCII.GetBytes(
        $"{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}.P{Environment.ProcessId}"
        + $"Q{Interlocked.Increment(ref _temporaryFiles)}_maildirsize.mqw");

    private static LedgerReading Refused(BytePath root, string what) => new()
    {
        State = LedgerState.Refused,
        Problem = $"maildirsize is {what}, which is not followed or written; "
            + $"remove it: rm -r {root.Display}/maildirsize",
    };

    private static LedgerReading Failed(string call, BytePath root, Errno errno) => new()
    {
        State = LedgerState.Failed,
        Problem = Call(call, root, "/maildirsize", errno) + CureFor(errno),
    };

    private static LedgerWrite CannotWrite(string call, BytePath root, Errno errno, string path = "/maildirsize") =>
        new(LedgerOutcome.Failed, Call(call, root, path, errno) + CureFor(errno));

    private static string Call(string call, BytePath root, string path, Errno errno) =>
        new SystemCallError(call, root.Display + path, errno).ToString();

    private static string CureFor(Errno errno) => Cure.For(errno) + "; tried again by itself";
}
