namespace MaildirQuotaWatcher.Linux;

internal static unsafe partial class Files
{
    /// <summary>Room for any handle, bytes.</summary>
    public const int MaxHandleLength = 128;

    /// <summary>The handle of an open directory, name_to_handle_at(2).</summary>
    /// <param name="directoryFd">The directory.</param>
    /// <param name="bytes">At least <see cref="MaxHandleLength"/>.</param>
    /// <param name="type">Its type.</param>
    /// <param name="mount">Id of the mount it was opened through, as in /proc/self/mountinfo.</param>
    /// <param name="errno">EOPNOTSUPP: the file system has none.</param>
    /// <returns>Bytes written.</returns>
    public static int HandleOf(int directoryFd, Span<byte> bytes, out int type, out int mount, out Errno errno)
    {
        // struct file_handle: u32 handle_bytes, s32 handle_type, bytes.
        var handle = stackalloc byte[8 + MaxHandleLength];
        *(uint*)handle = MaxHandleLength;
        byte empty = 0;
        int through;
        errno = Result(Libc.name_to_handle_at(directoryFd, &empty, handle, &through, Libc.AT_EMPTY_PATH));
        (type, mount) = errno.IsOk ? (*(int*)(handle + 4), through) : (0, 0);
        if (errno.IsError)
            return 0;
        var length = (int)*(uint*)handle;
        new ReadOnlySpan<byte>(handle + 8, length).CopyTo(bytes);
        return length;
    }

    /// <summary>The id of the file system of an open file (fsid of fstatfs(2)).</summary>
    public static Errno FileSystemId(int fd, out ulong id)
    {
        // struct statfs of the 64-bit systems: seven words, then fsid.
        var status = stackalloc byte[256];
        var errno = Result(Libc.fstatfs(fd, status));
        id = errno.IsOk ? *(ulong*)(status + 56) : 0;
        return errno;
    }
}
