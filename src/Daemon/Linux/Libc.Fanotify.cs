using System.Runtime.InteropServices;

namespace MaildirQuotaWatcher.Linux;

internal static unsafe partial class Libc
{
    public const uint FAN_CLOEXEC = 0x1;
    public const uint FAN_NONBLOCK = 0x2;
    public const uint FAN_CLASS_NOTIF = 0x0;
    public const uint FAN_UNLIMITED_QUEUE = 0x10;
    public const uint FAN_REPORT_DFID_NAME = 0xc00;

    public const uint FAN_MARK_ADD = 0x1;
    public const uint FAN_MARK_IGNORED_SURV_MODIFY = 0x40;
    public const uint FAN_MARK_FILESYSTEM = 0x100;
    public const uint FAN_MARK_IGNORE = 0x400;

    /// <summary>The other events have the numbers of inotify's.</summary>
    public const ulong FAN_RENAME = 0x10000000;

    public const short POLLPRI = 2;

    public const uint FSCONFIG_CMD_CREATE = 6;
    public const uint FSOPEN_CLOEXEC = 1;
    public const uint FSMOUNT_CLOEXEC = 1;

    /// <summary>No wrappers in glibc; the same numbers everywhere (kernel 5.2).</summary>
    public const nint SYS_fsopen = 430;

    /// <inheritdoc cref="SYS_fsopen"/>
    public const nint SYS_fsconfig = 431;

    /// <inheritdoc cref="SYS_fsopen"/>
    public const nint SYS_fsmount = 432;

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fanotify_init(uint flags, uint eventFlags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fanotify_mark(int fd, uint flags, ulong mask, int dirfd, byte* path);

    /// <param name="handle">u32 room, then filled: bytes, i32 type, bytes.</param>
    [LibraryImport(Name, SetLastError = true)]
    public static partial int name_to_handle_at(int dirfd, byte* path, byte* handle, int* mountId, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fstatfs(int fd, byte* result);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint fsconfig(
        nint number, nint fd, nint command, void* key, void* value, nint aux);
}
