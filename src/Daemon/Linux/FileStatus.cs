namespace MaildirQuotaWatcher.Linux;

/// <summary>What statx(2) says about one file.</summary>
internal readonly struct FileStatus
{
    private const int S_IFMT = 0xf000;
    private const int S_IFIFO = 0x1000;
    private const int S_IFDIR = 0x4000;
    private const int S_IFREG = 0x8000;
    private const int S_IFLNK = 0xa000;

    internal FileStatus(in StatxBuffer raw)
    {
        Kind = (raw.Mode & S_IFMT) switch
        {
            S_IFREG => FileKind.Regular,
            S_IFDIR => FileKind.Directory,
            S_IFLNK => FileKind.SymbolicLink,
            S_IFIFO => FileKind.Fifo,
            _ => FileKind.Other,
        };
        Mode = raw.Mode & 0xfffu;
        Uid = raw.Uid;
        Gid = raw.Gid;
        Length = (long)raw.Length;
        Links = raw.LinkCount;
        Inode = raw.Inode;
        Device = MakeDevice(raw.DeviceMajor, raw.DeviceMinor);
        ModifiedSeconds = raw.ModifiedSeconds;
        ModifiedNanoseconds = (int)raw.ModifiedNanoseconds;
        ChangedSeconds = raw.ChangedSeconds;
        ChangedNanoseconds = (int)raw.ChangedNanoseconds;
    }

    public FileKind Kind { get; }

    /// <summary>Permissions with set-id and sticky bits: 07777.</summary>
    public uint Mode { get; }

    public uint Uid { get; }

    public uint Gid { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>Hard links.</summary>
    public long Links { get; }

    public ulong Inode { get; }

    /// <summary>The number stat(2) gives as <c>st_dev</c>.</summary>
    public ulong Device { get; }

    /// <summary>mtime, seconds since 1970.</summary>
    public long ModifiedSeconds { get; }

    public int ModifiedNanoseconds { get; }

    /// <summary>ctime, seconds since 1970.</summary>
    public long ChangedSeconds { get; }

    public int ChangedNanoseconds { get; }

    /// <summary>makedev(3).</summary>
    private static ulong MakeDevice(ulong major, ulong minor) =>
        ((major & 0xfffff000) << 32) | ((major & 0xfff) << 8) | ((minor & 0xffffff00) << 12) | (minor & 0xff);
}
