namespace MaildirQuotaWatcher.Linux;

/// <summary>Flags of open(2). Two of them have other values on arm64 than on x64.</summary>
internal static class OpenFlags
{
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_NOCTTY = 0x100;
    public const int O_TRUNC = 0x200;
    public const int O_APPEND = 0x400;
    public const int O_NONBLOCK = 0x800;
    public const int O_NOATIME = 0x40000;
    public const int O_CLOEXEC = 0x80000;
    public const int O_PATH = 0x200000;

    public static int O_DIRECTORY => Libc.IsArm64 ? 0x4000 : 0x10000;

    public static int O_NOFOLLOW => Libc.IsArm64 ? 0x8000 : 0x20000;
}
