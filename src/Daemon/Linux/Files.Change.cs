using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Linux;

internal static unsafe partial class Files
{
    /// <summary>Renames, replacing what bore the new name.</summary>
    public static Errno RenameAt(
        int oldDirfd, ReadOnlySpan<byte> oldName, int newDirfd, ReadOnlySpan<byte> newName)
    {
        var oldPath = stackalloc byte[Libc.NAME_MAX + 1];
        var newPath = stackalloc byte[Libc.NAME_MAX + 1];
        return Terminate(oldName, oldPath, out var errno) && Terminate(newName, newPath, out errno)
            ? Result(Libc.renameat(oldDirfd, oldPath, newDirfd, newPath))
            : errno;
    }

    /// <summary>Lets two names trade places in one step; both must exist.</summary>
    /// <returns>EINVAL or ENOSYS where the file system cannot (renameat2(2), RENAME_EXCHANGE).</returns>
    public static Errno ExchangeAt(
        int oldDirfd, ReadOnlySpan<byte> oldName, int newDirfd, ReadOnlySpan<byte> newName)
    {
        var oldPath = stackalloc byte[Libc.NAME_MAX + 1];
        var newPath = stackalloc byte[Libc.NAME_MAX + 1];
        return Terminate(oldName, oldPath, out var errno) && Terminate(newName, newPath, out errno)
            ? Result(Libc.renameat2(oldDirfd, oldPath, newDirfd, newPath, Libc.RENAME_EXCHANGE))
            : errno;
    }

    /// <summary>Removes a name; a directory only with <paramref name="directory"/>, and only an empty one.</summary>
    public static Errno UnlinkAt(int dirfd, ReadOnlySpan<byte> name, bool directory = false)
    {
        var path = stackalloc byte[Libc.NAME_MAX + 1];
        return Terminate(name, path, out var errno)
            ? Result(Libc.unlinkat(dirfd, path, directory ? Libc.AT_REMOVEDIR : 0))
            : errno;
    }

    /// <summary>Sets owner and group of an open file.</summary>
    public static Errno FChown(int fd, uint uid, uint gid) => Result(Syscall.fchown(fd, uid, gid));

    /// <summary>Sets the permissions (07777) of an open file, whatever the umask.</summary>
    public static Errno FChmod(int fd, uint mode) => Result(Syscall.fchmod(fd, (FilePermissions)(mode & 0xfff)));

    /// <summary>Gives an open file its blocks now; an error that may be ignored where the file system cannot.</summary>
    public static Errno Allocate(int fd, long length) => Result(Libc.fallocate(fd, 0, 0, length));
}
