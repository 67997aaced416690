using System.Runtime.CompilerServices;

namespace MaildirQuotaWatcher.Linux;

/// <summary>File calls on descriptors and byte names. Safe from any thread; nothing here throws.</summary>
/// <remarks>
/// Where a call has an <c>out Errno</c>, its result is the value (-1, false or null on failure); where it has none, its
/// result is the Errno. A name is at most 255 bytes (else ENAMETOOLONG) and needs no NUL; a NUL inside it is EINVAL.
/// </remarks>
[SkipLocalsInit]
internal static unsafe partial class Files
{
    /// <summary>As a <c>dirfd</c>: names are relative to the working directory.</summary>
    public const int AT_FDCWD = Libc.AT_FDCWD;

    /// <summary>Reads once; 0 at the end. EINTR is retried.</summary>
    public static int Read(int fd, Span<byte> buffer, out Errno errno)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var length = (int)Libc.read(fd, start, (nuint)buffer.Length);
                if (!Interrupted(length, out errno))
                    return length;
            }
        }
    }

    /// <summary>Reads once at <paramref name="offset"/>; 0 at the end. EINTR is retried.</summary>
    public static int PRead(int fd, Span<byte> buffer, long offset, out Errno errno)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var length = (int)Libc.pread(fd, start, (nuint)buffer.Length, offset);
                if (!Interrupted(length, out errno))
                    return length;
            }
        }
    }

    /// <summary>Exactly one write(2), which may be short. Retried after EINTR, when nothing was written.</summary>
    public static int Write(int fd, ReadOnlySpan<byte> bytes, out Errno errno)
    {
        fixed (byte* start = bytes)
        {
            while (true)
            {
                var length = (int)Libc.write(fd, start, (nuint)bytes.Length);
                if (!Interrupted(length, out errno))
                    return length;
            }
        }
    }

    /// <summary>Closes; on Linux the descriptor is gone whatever this returns, so never repeat it (close(2)).</summary>
    public static Errno Close(int fd) => Result(Libc.close(fd));

    /// <summary>True when the call has to be made again.</summary>
    private static bool Interrupted(int result, out Errno errno)
    {
        errno = Result(result);
        return errno == Errno.EINTR;
    }

    private static Errno Result(int result) => result < 0 ? Libc.LastError : Errno.None;

    /// <summary>Copies a name to a buffer of NAME_MAX + 1 bytes and ends it with NUL.</summary>
    private static bool Terminate(ReadOnlySpan<byte> name, byte* buffer, out Errno errno) =>
        Terminate(name, new Span<byte>(buffer, Libc.NAME_MAX + 1), out errno);

    private static bool Terminate(ReadOnlySpan<byte> name, Span<byte> buffer, out Errno errno)
    {
        if (!name.IsEmpty && name[^1] == 0)
            name = name[..^1];
        errno = name.Length >= buffer.Length ? Errno.ENAMETOOLONG
            : name.Contains((byte)0) ? Errno.EINVAL
            : Errno.None;
        if (errno.IsError)
            return false;

        name.CopyTo(buffer);
        buffer[name.Length] = 0;
        return true;
    }
}
