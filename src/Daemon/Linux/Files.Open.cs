using System.Runtime.InteropServices;
using static MaildirQuotaWatcher.Linux.OpenFlags;

namespace MaildirQuotaWatcher.Linux;

internal static unsafe partial class Files
{
    /// <summary>How often openat2 may answer EAGAIN (a rename was under way) before that is the answer.</summary>
    private const int BeneathAttempts = 32;

    /// <summary>
    /// Reading a directory shall not make the disk write down that it was read: counting a store for the first time
    /// would else write every directory's inode. Only root may ask for that with others' directories.
    /// </summary>
    private static volatile int _noAccessTime = ProcessIdentity.EffectiveUid == 0 ? O_NOATIME : 0;

    /// <summary>Opens one name in a directory. O_CLOEXEC is always added.</summary>
    public static int Open(int dirfd, ReadOnlySpan<byte> name, int flags, uint mode, out Errno errno)
    {
        var path = stackalloc byte[Libc.NAME_MAX + 1];
        return Terminate(name, path, out errno) ? Open(dirfd, path, flags, mode, out errno) : -1;
    }

    /// <inheritdoc cref="Open(int, ReadOnlySpan{byte}, int, uint, out Errno)"/>
    public static int Open(BytePath path, int flags, uint mode, out Errno errno)
    {
        fixed (byte* start = path)
            return Open(AT_FDCWD, start, flags, mode, out errno);
    }

    /// <summary>Opens a directory for reading; ELOOP or ENOTDIR for a link unless links are followed.</summary>
    public static int OpenDirectory(int dirfd, ReadOnlySpan<byte> name, bool followLinks, out Errno errno) =>
        Open(dirfd, name, DirectoryFlags(followLinks), 0, out errno);

    /// <inheritdoc cref="OpenDirectory(int, ReadOnlySpan{byte}, bool, out Errno)"/>
    public static int OpenDirectory(BytePath path, bool followLinks, out Errno errno) =>
        Open(path, DirectoryFlags(followLinks), 0, out errno);

    /// <summary>
    /// Opens the directory <paramref name="relative"/> below <paramref name="rootfd"/> and never leaves that root:
    /// ".." and an absolute path are EXDEV. Without <paramref name="followLinks"/> a link anywhere is ELOOP or ENOTDIR.
    /// With it links that stay inside are followed (openat2(2), kernel 5.6; on older ones links are refused).
    /// </summary>
    public static int OpenBeneath(int rootfd, ReadOnlySpan<byte> relative, bool followLinks, out Errno errno)
    {
        if (relative.StartsWith("/"u8))
        {
            errno = Errno.EXDEV;
            return -1;
        }

        // One call for the whole way, where the kernel (5.6) and whoever filters calls let us.
        if (followLinks || relative.Contains((byte)'/'))
        {
            var found = OpenInOneCall(rootfd, relative, followLinks, out errno);
            if (errno != Errno.ENOSYS && errno != Errno.EPERM)
                return found;
        }

        // The root itself stays the caller's; what is opened on the way is closed again.
        var current = rootfd;
        errno = Errno.None;
        foreach (var range in relative.Split((byte)'/'))
        {
            var component = relative[range];
            if (component.IsEmpty || component.SequenceEqual("."u8))
                continue;

            var parent = current;
            if (component.SequenceEqual(".."u8))
                (current, errno) = (-1, Errno.EXDEV);
            else
                current = OpenDirectory(parent, component, followLinks: false, out errno);
            if (parent != rootfd)
                Close(parent);
            if (current < 0)
                return -1;
        }

        return current == rootfd ? OpenDirectory(rootfd, "."u8, followLinks: false, out errno) : current;
    }

    /// <summary>The path without links, "." and "..", as realpath(3) finds it; null on failure.</summary>
    public static BytePath? RealPath(BytePath path, out Errno errno)
    {
        var resolved = stackalloc byte[Libc.PATH_MAX];
        fixed (byte* start = path)
            errno = Libc.realpath(start, resolved) == null ? Libc.LastError : Errno.None;
        return errno.IsOk
            ? BytePath.FromBytes(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(resolved))
            : null;
    }

    private static int DirectoryFlags(bool followLinks) =>
        O_RDONLY | O_DIRECTORY | _noAccessTime | (followLinks ? 0 : O_NOFOLLOW);

    private static int Open(int dirfd, byte* path, int flags, uint mode, out Errno errno)
    {
        while (true)
        {
            var fd = Libc.openat(dirfd, path, flags | O_CLOEXEC, mode);
            if (Interrupted(fd, out errno))
                continue;
            if (errno != Errno.EPERM || (flags & O_NOATIME) == 0)
                return fd;
            // A root without CAP_FOWNER, or with the ids of a user namespace.
            _noAccessTime = 0;
            flags &= ~O_NOATIME;
        }
    }

    private static int OpenInOneCall(
        int rootfd, ReadOnlySpan<byte> relative, bool followLinks, out Errno errno)
    {
        var path = stackalloc byte[Libc.PATH_MAX];
        if (!Terminate(relative.IsEmpty ? "."u8 : relative, new Span<byte>(path, Libc.PATH_MAX), out errno))
            return -1;

        // The kernel would follow a ".." that stays inside; here it is refused in both ways alike.
        foreach (var range in relative.Split((byte)'/'))
            if (relative[range].SequenceEqual(".."u8))
                errno = Errno.EXDEV;
        if (errno.IsError)
            return -1;

        var how = new OpenHow
        {
            Flags = (ulong)(O_RDONLY | O_DIRECTORY | O_CLOEXEC | _noAccessTime),
            Resolve = OpenHow.RESOLVE_BENEATH
                | (followLinks ? OpenHow.RESOLVE_NO_MAGICLINKS : OpenHow.RESOLVE_NO_SYMLINKS),
        };
        var fd = -1;
        for (var attempt = 0; attempt < BeneathAttempts; attempt++)
        {
            fd = (int)Libc.syscall(Libc.SYS_openat2, rootfd, path, (nint)(&how), sizeof(OpenHow));
            errno = Result(fd);
            if (errno == Errno.EPERM && (how.Flags & O_NOATIME) != 0)
                how.Flags &= ~(ulong)O_NOATIME;
            else if (errno != Errno.EAGAIN && errno != Errno.EINTR)
                break;
        }

        return fd;
    }
}
