using System.Collections.Frozen;
using System.Text;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// Which paths lead to a file system that somebody serves: another machine, or a program (FUSE). It may not answer, and
/// then whoever touches it hangs; so this asks the kernel's table of mounts, and touches nothing that is served. One
/// thread.
/// </summary>
internal sealed unsafe class MountTable : IDisposable
{
    private const int MostLinks = 40;

    /// <summary>What lies on this machine alone. Whatever is not known counts as served: that is safe.</summary>
    private static readonly FrozenSet<string> Local = new[]
    {
        "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "bcachefs", "tmpfs", "ramfs", "rootfs", "overlay",
        "reiserfs", "jfs", "nilfs2", "ecryptfs", "vfat", "exfat", "ntfs3", "fuseblk", "squashfs", "erofs", "iso9660",
        "proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "mqueue", "debugfs", "tracefs", "securityfs",
        "pstore", "bpf", "configfs", "hugetlbfs", "fusectl", "binfmt_misc", "efivarfs", "rpc_pipefs", "nsfs",
        "selinuxfs",
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly Descriptor _changes;
    private Dictionary<string, BytePath> _known = [];
    private (BytePath Point, bool IsServed)[] _mounts = [];

    private MountTable(Descriptor changes) => (_changes, Served, Changed) = (changes, [], []);

    /// <summary>Where something served is mounted.</summary>
    public BytePath[] Served { get; private set; }

    /// <summary>Where something has been mounted or unmounted since the table was read the time before. What an unmount
    /// uncovers nothing else tells of: while something is open in it, or it is mounted elsewhere, it goes on.</summary>
    public BytePath[] Changed { get; private set; }

    /// <summary>Its exceptional condition says that the table changes; who takes it from there tells
    /// <see cref="Refresh"/>.</summary>
    public int Number => _changes.Number;

    /// <summary>The table as it is now.</summary>
    public static MountTable Open()
    {
        var table = new MountTable(
            new Descriptor(Files.Open(BytePath.FromString(MountInfo.Path), OpenFlags.O_RDONLY, 0, out _)));
        table.Read();
        return table;
    }

    /// <summary>Takes in what has been mounted or unmounted since the last time.</summary>
    /// <param name="happened">Whether it is known already that there was something.</param>
    /// <returns>Whether there was anything.</returns>
    public bool Refresh(bool happened = false)
    {
        var change = new PollDescriptor { Number = _changes.Number, Wanted = Libc.POLLPRI };
        if (!happened && Libc.poll(&change, 1, 0) <= 0)
            return false;
        Read();
        return true;
    }

    /// <summary>Whether a path without links lies on something served.</summary>
    public bool IsServed(BytePath path)
    {
        // The usual answer needs no look at the other mounts.
        if (!Array.Exists(Served, point => point.LeadsTo(path)))
            return false;
        var (longest, served) = (0, false);
        foreach (var (point, isServed) in _mounts)
            // What is mounted later covers what was there.
            if (point.Bytes.Length >= longest && point.LeadsTo(path))
                (longest, served) = (point.Bytes.Length, isServed);
        return served;
    }

    /// <summary>
    /// Where a path leads when links are followed, as far as that can be told without touching what is served.
    /// </summary>
    public BytePath Follow(BytePath path)
    {
        var names = new Stack<byte[]>();
        Push(names, path.Bytes);
        var (real, links) = (BytePath.FromBytes("/"u8), 0);
        while (names.TryPop(out var name))
        {
            var next = name is [(byte)'.', (byte)'.'] ? Above(real) : real.Combine(name);
            if (IsServed(next) || links > MostLinks || ReadLink(next) is not { } target)
            {
                real = next;
                continue;
            }

            links++;
            Push(names, target);
            if (target[0] == (byte)'/')
                real = BytePath.FromBytes("/"u8);
        }

        return real;
    }

    public void Dispose() => _changes.Dispose();

    private void Read()
    {
        var mounts = new List<(BytePath Point, bool IsServed)>();
        var known = new Dictionary<string, BytePath>(StringComparer.Ordinal);
        foreach (var line in MountInfo.ReadLines(_changes))
        {
            // 36 35 98:0 /root /mount/point rw,noatime optional:1 ... - type source options
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (dash <= 0 || dash + 1 >= fields.Length)
                continue;
            var point = Unescape(fields[4]);
            mounts.Add((point, !Local.Contains(fields[dash + 1])));
            known.TryAdd(string.Join(' ', fields[0], fields[2], fields[4]), point);
        }

        _mounts = [.. mounts];
        // What the first look finds was there before.
        Changed = _known.Count == 0 ? [] :
        [
            .. known.Where(mount => !_known.ContainsKey(mount.Key))
                .Concat(_known.Where(mount => !known.ContainsKey(mount.Key)))
                .Select(static mount => mount.Value).Distinct(),
        ];
        _known = known;
        Served = [.. mounts.Where(static mount => mount.IsServed).Select(static mount => mount.Point)];
    }

    /// <summary>Blanks, tabs, line ends and backslashes stand there as <c>\040</c> and so on.</summary>
    private static BytePath Unescape(string point)
    {
        var bytes = new List<byte>(point.Length);
        var text = Encoding.Latin1.GetBytes(point);
        for (var i = 0; i < text.Length; i++)
            if (text[i] == (byte)'\\' && i + 3 < text.Length)
            {
                bytes.Add((byte)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add(text[i]);
            }

        return BytePath.FromBytes([.. bytes]);
    }

    private static void Push(Stack<byte[]> names, ReadOnlySpan<byte> path)
    {
        while (!path.IsEmpty)
        {
            var slash = path.LastIndexOf((byte)'/');
            if (path[(slash + 1)..] is { Length: > 0 } name && !name.SequenceEqual("."u8))
                names.Push(name.ToArray());
            path = path[..Math.Max(slash, 0)];
        }
    }

    private static BytePath Above(BytePath path) =>
        BytePath.FromBytes(path.Bytes[..Math.Max(1, path.Bytes.LastIndexOf((byte)'/'))]);

    /// <returns>Null when it is no link.</returns>
    private static byte[]? ReadLink(BytePath path)
    {
        var target = new byte[Libc.PATH_MAX];
        fixed (byte* start = path, buffer = target)
        {
            var length = Libc.readlink(start, buffer, (nuint)target.Length);
            return length > 0 ? target[..(int)length] : null;
        }
    }
}
