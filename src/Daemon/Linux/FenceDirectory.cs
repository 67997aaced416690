using System.Globalization;
using System.Text;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// A directory that nobody else can see: a tmpfs that is mounted nowhere. It holds one file, whose name changes with
/// every fence. Needs CAP_SYS_ADMIN, as fanotify on a file system does.
/// </summary>
internal sealed unsafe class FenceDirectory : IDisposable
{
    private readonly Descriptor _mount;
    private readonly Descriptor _directory;
    private byte[] _name = "first"u8.ToArray();

    private FenceDirectory(Descriptor mount, Descriptor directory) => (_mount, _directory) = (mount, directory);

    public int Number => _directory.Number;

    public static FenceDirectory? Create(out Errno errno)
    {
        var mount = new Descriptor(Mount(out errno));
        // What fsmount gives opens nothing but paths (O_PATH); a mark wants a directory that is open for reading.
        var directory = new Descriptor(
            errno.IsOk ? Files.OpenDirectory(mount.Number, "."u8, followLinks: false, out errno) : -1);
        if (errno.IsOk)
        {
            var file = Files.Open(
                directory.Number, "first"u8, OpenFlags.O_CREAT | OpenFlags.O_WRONLY, 0x180, out errno);
            if (file >= 0)
            {
                Files.Close(file);
                return new FenceDirectory(mount, directory);
            }
        }

        directory.Dispose();
        mount.Dispose();
        return null;
    }

    /// <summary>Gives the file another name; not from several threads.</summary>
    public Errno Rename(int fence)
    {
        var next = Encoding.ASCII.GetBytes(fence.ToString(CultureInfo.InvariantCulture));
        var errno = Files.RenameAt(_directory.Number, _name, _directory.Number, next);
        if (errno.IsOk)
            _name = next;
        return errno;
    }

    public void Dispose()
    {
        _directory.Dispose();
        _mount.Dispose();
    }

    private static int Mount(out Errno errno)
    {
        fixed (byte* type = "tmpfs\0"u8)
        {
            using var context = new Descriptor((int)Libc.syscall(Libc.SYS_fsopen, (nint)type,
                (void*)Libc.FSOPEN_CLOEXEC, 0, 0));
            errno = context.IsInvalid ? Libc.LastError : Errno.None;
            if (errno.IsError)
                return -1;
            if (Libc.fsconfig(Libc.SYS_fsconfig, context.Number, (nint)Libc.FSCONFIG_CMD_CREATE, null, null, 0) < 0)
            {
                errno = Libc.LastError;
                return -1;
            }

            var mount = (int)Libc.syscall(
                Libc.SYS_fsmount, context.Number, (void*)Libc.FSMOUNT_CLOEXEC, 0, 0);
            errno = mount < 0 ? Libc.LastError : Errno.None;
            return mount;
        }
    }
}
