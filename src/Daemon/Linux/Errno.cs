using System.Runtime.InteropServices;

namespace MaildirQuotaWatcher.Linux;

/// <summary>The outcome of a system call as a value: 0, or an error number of errno(3).</summary>
/// <remarks>The numbers are those of Linux on x64 and arm64 (asm-generic).</remarks>
internal readonly record struct Errno(int Number)
{
    public static readonly Errno None;
    public static readonly Errno EPERM = new(1);
    public static readonly Errno ENOENT = new(2);
    public static readonly Errno EINTR = new(4);
    public static readonly Errno EIO = new(5);
    public static readonly Errno EBADF = new(9);
    public static readonly Errno EAGAIN = new(11);
    public static readonly Errno ENOMEM = new(12);
    public static readonly Errno EACCES = new(13);
    public static readonly Errno EBUSY = new(16);
    public static readonly Errno EEXIST = new(17);
    public static readonly Errno EXDEV = new(18);
    public static readonly Errno ENODEV = new(19);
    public static readonly Errno ENOTDIR = new(20);
    public static readonly Errno EISDIR = new(21);
    public static readonly Errno EINVAL = new(22);
    public static readonly Errno ENFILE = new(23);
    public static readonly Errno EMFILE = new(24);
    public static readonly Errno EFBIG = new(27);
    public static readonly Errno ENOSPC = new(28);
    public static readonly Errno EROFS = new(30);
    public static readonly Errno EMLINK = new(31);
    public static readonly Errno EPIPE = new(32);
    public static readonly Errno ENAMETOOLONG = new(36);
    public static readonly Errno ENOSYS = new(38);
    public static readonly Errno ENOTEMPTY = new(39);
    public static readonly Errno ELOOP = new(40);
    public static readonly Errno EOVERFLOW = new(75);
    public static readonly Errno EOPNOTSUPP = new(95);
    public static readonly Errno ENOTCONN = new(107);
    public static readonly Errno ETIMEDOUT = new(110);
    public static readonly Errno ESTALE = new(116);
    public static readonly Errno EDQUOT = new(122);
    public static readonly Errno ECANCELED = new(125);

    public bool IsOk => Number == 0;

    public bool IsError => Number != 0;

    /// <summary>The C name, <c>ENOSPC</c>; <c>errno 4711</c> for a number without one.</summary>
    public string Name => ErrnoNames.Of(Number);

    /// <summary>What strerror(3) says: <c>No space left on device</c>.</summary>
    /// <remarks>Mono.Posix has strerror too, but its table ends before the newer numbers.</remarks>
    public string Text => Marshal.GetPInvokeErrorMessage(Number);

    public override string ToString() => Name;
}
