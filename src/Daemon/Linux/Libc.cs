using System.Runtime.InteropServices;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// The C library, as it is: numbers and pointers only, -1 and errno on failure. Called from this folder alone.
/// </summary>
/// <remarks>
/// Every symbol is in glibc 2.28. <c>fcntl</c>, <c>openat</c> and <c>syscall</c> are variadic in C; on Linux x64 and
/// arm64 whole-number arguments travel the same way in both kinds of call.
/// </remarks>
internal static unsafe partial class Libc
{
    private const string Name = "libc";

    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_REMOVEDIR = 0x200;
    public const int AT_NO_AUTOMOUNT = 0x800;
    public const int AT_EMPTY_PATH = 0x1000;

    public const uint STATX_BASIC_STATS = 0x7ff;

    public const int FIONREAD = 0x541b;
    public const int F_SETLEASE = 1024;
    public const int F_RDLCK = 0;
    public const int F_WRLCK = 1;
    public const int F_UNLCK = 2;

    public const uint RENAME_EXCHANGE = 2;

    public const int CLONE_FS = 0x200;

    public const int SIGIO = 29;
    public const nint SIG_IGN = 1;

    public const uint MFD_CLOEXEC = 1;
    public const uint MFD_NOEXEC_SEAL = 8;
    public const int EFD_CLOEXEC = OpenFlags.O_CLOEXEC;
    public const int EFD_NONBLOCK = OpenFlags.O_NONBLOCK;
    public const int IN_CLOEXEC = OpenFlags.O_CLOEXEC;
    public const int IN_NONBLOCK = OpenFlags.O_NONBLOCK;
    public const short POLLIN = 1;

    public const int NAME_MAX = 255;
    public const int PATH_MAX = 4096;

    /// <summary><c>getdents64</c> has a wrapper only since glibc 2.30.</summary>
    public static nint SYS_getdents64 => IsArm64 ? 61 : 217;

    /// <summary>No wrapper in glibc.</summary>
    public static nint SYS_ioprio_set => IsArm64 ? 30 : 251;

    /// <inheritdoc cref="SYS_ioprio_set"/>
    public static nint SYS_ioprio_get => IsArm64 ? 31 : 252;

    /// <summary>No wrapper in glibc; the same number everywhere (kernel 5.6).</summary>
    public const nint SYS_openat2 = 437;

    /// <summary>A constant to the compiler, so a branch on it costs nothing.</summary>
    public static bool IsArm64 => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>errno of the last call on this thread.</summary>
    public static Errno LastError => new(Marshal.GetLastPInvokeError());

    [LibraryImport(Name, SetLastError = true)]
    public static partial int openat(int dirfd, byte* path, int flags, uint mode);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint read(int fd, void* buffer, nuint length);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint pread(int fd, void* buffer, nuint length, long offset);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint write(int fd, void* buffer, nuint length);

    [LibraryImport(Name, SetLastError = true)]
    public static partial long lseek(int fd, long offset, int whence);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int statx(int dirfd, byte* path, int flags, uint mask, StatxBuffer* result);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fstatfs(int fd, StatFsBuffer* result);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fallocate(int fd, int mode, long offset, long length);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int renameat(int oldDirfd, byte* oldPath, int newDirfd, byte* newPath);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int renameat2(int oldDirfd, byte* oldPath, int newDirfd, byte* newPath, uint flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int unlinkat(int dirfd, byte* path, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial byte* realpath(byte* path, byte* resolved);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint readlink(byte* path, byte* buffer, nuint length);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fchdir(int fd);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int unshare(int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, int* argument);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint signal(int number, nint handler);

    [LibraryImport(Name, SetLastError = true)]
    public static partial nint syscall(nint number, nint first, void* second, nint third, nint fourth);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int inotify_init1(int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int inotify_add_watch(int fd, byte* path, uint mask);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int inotify_rm_watch(int fd, int wd);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int memfd_create(byte* name, uint flags);

    [LibraryImport(Name, SetLastError = true)]
    public static partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);
}
