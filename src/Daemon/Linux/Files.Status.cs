namespace MaildirQuotaWatcher.Linux;

internal static unsafe partial class Files
{
    /// <summary>The status of an open file.</summary>
    public static Errno FStat(int fd, out FileStatus status)
    {
        byte empty = 0;
        Status(fd, &empty, Libc.AT_EMPTY_PATH, out status, out var errno);
        return errno;
    }

    /// <summary>
    /// The status of one name in a directory, or of a path below it such as <c>.Sent/cur</c>; of the link itself unless
    /// links are followed. A name that ends in NUL is used where it is, without a copy.
    /// </summary>
    public static bool StatAt(
        int dirfd, ReadOnlySpan<byte> name, bool followLinks, out FileStatus status, out Errno errno)
    {
        if (name.IndexOf((byte)0) is >= 0 and var end && end == name.Length - 1)
            fixed (byte* start = name)
                return Status(dirfd, start, followLinks ? 0 : Libc.AT_SYMLINK_NOFOLLOW, out status, out errno);

        var path = stackalloc byte[Libc.PATH_MAX];
        if (Terminate(name, new Span<byte>(path, Libc.PATH_MAX), out errno))
            return Status(dirfd, path, followLinks ? 0 : Libc.AT_SYMLINK_NOFOLLOW, out status, out errno);

        status = default;
        return false;
    }

    /// <summary>The status of a path; of the link itself unless links are followed.</summary>
    public static bool Stat(BytePath path, bool followLinks, out FileStatus status, out Errno errno)
    {
        fixed (byte* start = path)
            return Status(AT_FDCWD, start, followLinks ? 0 : Libc.AT_SYMLINK_NOFOLLOW, out status, out errno);
    }

    private static bool Status(int dirfd, byte* path, int flags, out FileStatus status, out Errno errno)
    {
        StatxBuffer raw;
        errno = Result(Libc.statx(dirfd, path, flags | Libc.AT_NO_AUTOMOUNT, Libc.STATX_BASIC_STATS, &raw));
        status = errno.IsOk ? new FileStatus(in raw) : default;
        return errno.IsOk;
    }
}
