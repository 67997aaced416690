using System.Globalization;

namespace MaildirQuotaWatcher.Linux;

/// <summary>The type of the file system that a file lies on.</summary>
/// <param name="Kind">What it means for events.</param>
/// <param name="Name">As mount(8) shows it: <c>ext4</c>, <c>nfs</c>, <c>fuse.sshfs</c>; a number if unknown.</param>
internal readonly record struct FileSystemType(FileSystemKind Kind, string Name)
{
    private const long Fuse = 0x65735546;

    /// <summary>Events do not tell of every change, or nobody knows whether they do.</summary>
    public bool MustBePolled => Kind != FileSystemKind.Local;

    /// <summary>The type behind an open file; <see cref="FileSystemKind.Unknown"/> after an error.</summary>
    public static unsafe FileSystemType Of(int fd, out Errno errno)
    {
        StatFsBuffer buffer = default;
        errno = Libc.fstatfs(fd, &buffer) < 0 ? Libc.LastError : Errno.None;
        if (errno.IsError)
            return new(FileSystemKind.Unknown, "unknown");
        if (buffer.Type != Fuse)
            return OfMagic(buffer.Type);

        errno = Files.FStat(fd, out var status);
        return OfFuse(errno.IsOk ? TypeOfDevice(ReadMountInfo(), status.Device) : null);
    }

    /// <summary>By the number of statfs(2), see linux/magic.h; FUSE has one number for all that it can be.</summary>
    internal static FileSystemType OfMagic(long magic) => (uint)magic switch
    {
        0xef53 => Local("ext4"),
        0x58465342 => Local("xfs"),
        0x9123683e => Local("btrfs"),
        0xf2f52010 => Local("f2fs"),
        0x2fc12fc1 => Local("zfs"),
        0xca451a4e => Local("bcachefs"),
        0x01021994 => Local("tmpfs"),
        0x858458f6 => Local("ramfs"),
        0x794c7630 => Local("overlay"),
        0x52654973 => Local("reiserfs"),
        0x3153464a => Local("jfs"),
        0x3434 => Local("nilfs2"),
        0xf15f => Local("ecryptfs"),
        0x4d44 => Local("vfat"),
        0x2011bab0 => Local("exfat"),
        0x7366746e => Local("ntfs3"),
        0x73717368 => Local("squashfs"),
        0xe0f5e1e2 => Local("erofs"),
        0x9660 => Local("iso9660"),
        0x9fa0 => Local("proc"),
        0x62656572 => Local("sysfs"),
        0x6969 => Network("nfs"),
        0x517b => Network("smbfs"),
        0xff534d42 => Network("cifs"),
        0xfe534d42 => Network("smb3"),
        0x00c36400 => Network("ceph"),
        0x01021997 => Network("9p"),
        0x5346414f => Network("afs"),
        0x6b414653 => Network("afs"),
        0x73757245 => Network("coda"),
        0x7461636f => Network("ocfs2"),
        0x01161970 => Network("gfs2"),
        0x0bd00bd0 => Network("lustre"),
        0x47504653 => Network("gpfs"),
        0x20030528 => Network("orangefs"),
        0x786f4256 => Network("vboxsf"),
        (uint)Fuse => OfFuse(null),
        var other => new(FileSystemKind.Unknown, string.Create(CultureInfo.InvariantCulture, $"0x{other:x}")),
    };

    /// <param name="name">The type in mountinfo; null when it is not there.</param>
    internal static FileSystemType OfFuse(string? name) => name switch
    {
        // On a disk of this machine, which nobody else can change: ntfs-3g, exfat.
        "fuseblk" => Local(name),
        null => Network("fuse"),
        _ => Network(name),
    };

    /// <summary>The type that proc_pid_mountinfo(5) gives for a device; null when it does not have it.</summary>
    /// <param name="mountInfo">Its lines; those that cannot be read are passed over.</param>
    /// <param name="device">As stat(2) gives it.</param>
    internal static string? TypeOfDevice(IEnumerable<string> mountInfo, ulong device)
    {
        var major = ((device >> 32) & 0xfffff000) | ((device >> 8) & 0xfff);
        var minor = ((device >> 12) & 0xffffff00) | (device & 0xff);
        var wanted = string.Create(CultureInfo.InvariantCulture, $"{major}:{minor}");
        foreach (var line in mountInfo)
        {
            // 36 35 98:0 /root /mount/point rw,noatime optional:1 ... - type source options
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (dash > 0 && dash + 1 < fields.Length && fields[2] == wanted)
                return fields[dash + 1];
        }

        return null;
    }

    private static IReadOnlyList<string> ReadMountInfo()
    {
        try
        {
            return MountInfo.ReadLines();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static FileSystemType Local(string name) => new(FileSystemKind.Local, name);

    private static FileSystemType Network(string name) => new(FileSystemKind.Network, name);
}
