using System.Globalization;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// The file systems a fanotify group has marked, numbered from 1. Not safe from several threads.
/// </summary>
/// <remarks>
/// Implementation notes. An event names its file system by the id that fstatfs(2) gives (fsid). Copies of a file system
/// may have the same id; the device tells them apart, and the second one is refused. When a file system is unmounted
/// the kernel drops the mark, a moment later, and says nothing: <c>/proc/self/mountinfo</c> lists what is mounted and
/// <c>/proc/self/fdinfo</c> what is marked (it may be mounted again, unmarked), both by the device of the file system,
/// which with btrfs is not that of its files.
/// </remarks>
internal sealed unsafe class FileSystemMarks(Descriptor group)
{
    private const ulong Events = InotifyMask.IN_CREATE | InotifyMask.IN_DELETE | Libc.FAN_RENAME
        | InotifyMask.IN_MODIFY | InotifyMask.IN_CLOSE_WRITE | Selves | InotifyMask.IN_ISDIR;

    private const ulong Selves = InotifyMask.IN_DELETE_SELF | InotifyMask.IN_MOVE_SELF;

    private readonly List<Mark> _marks = [];

    /// <summary>The number of a file system, 0 when it is not marked.</summary>
    public byte NumberOf(ulong id)
    {
        foreach (var mark in _marks)
            if (mark.Id == id)
                return mark.Number;
        return 0;
    }

    /// <summary>Marks the file system of an open directory, unless it is.</summary>
    /// <param name="directoryFd">Some directory in it.</param>
    /// <param name="id">Its fsid.</param>
    /// <param name="device">Its device as fstat says it.</param>
    /// <param name="errno">EXDEV: another one has the same id, or a btrfs subvolume. EOPNOTSUPP, ENODEV: it cannot
    /// be. EMFILE: too many.</param>
    /// <returns>Its number; 0 on failure.</returns>
    public byte Add(int directoryFd, ulong id, ulong device, out Errno errno)
    {
        foreach (var mark in _marks)
            if (mark.Id == id)
            {
                errno = mark.Device == device ? Errno.None : Errno.EXDEV;
                return errno.IsOk ? mark.Number : (byte)0;
            }

        var number = Enumerable.Range(1, byte.MaxValue).FirstOrDefault(free => _marks.All(mark => mark.Number != free));
        errno = Errno.EMFILE;
        if (number == 0)
            return 0;
        Span<byte> handle = stackalloc byte[Files.MaxHandleLength];
        Files.HandleOf(directoryFd, handle, out _, out var mount, out errno);
        if (errno.IsError)
            return 0;
        if (!Mounted().TryGetValue(mount, out var listed))
        {
            errno = Errno.ENODEV;
            return 0;
        }

        if (Libc.fanotify_mark(
            group.Number, Libc.FAN_MARK_ADD | Libc.FAN_MARK_FILESYSTEM, Events, directoryFd, null) < 0)
        {
            errno = Libc.LastError;
            return 0;
        }

        // Directories tell when they are removed or moved themselves; of files this would be noise. Before kernel 6.0
        // it cannot be turned off, and is dropped when read.
        Libc.fanotify_mark(
            group.Number,
            Libc.FAN_MARK_ADD | Libc.FAN_MARK_FILESYSTEM | Libc.FAN_MARK_IGNORE | Libc.FAN_MARK_IGNORED_SURV_MODIFY,
            Selves, directoryFd, null);
        errno = Errno.None;
        _marks.Add(new Mark((byte)number, id, device, listed));
        return (byte)number;
    }

    /// <summary>Watches a single directory for names moved to it, and numbers its file system.</summary>
    public byte AddDirectory(int directoryFd, ulong id, out Errno errno)
    {
        errno = Libc.fanotify_mark(group.Number, Libc.FAN_MARK_ADD, InotifyMask.IN_MOVED_TO, directoryFd, null) < 0
            ? Libc.LastError : Errno.None;
        if (errno.IsError)
            return 0;
        _marks.Add(new Mark((byte)(_marks.Count + 1), id, 0, null));
        return _marks[^1].Number;
    }

    /// <summary>Forgets the file systems that are mounted or marked no longer.</summary>
    /// <returns>Their numbers.</returns>
    public List<byte> RemoveUnmounted()
    {
        var there = Marked();
        there.IntersectWith(Mounted().Values);
        var gone = _marks.Where(mark => mark.Listed is { } listed && !there.Contains(listed)).ToList();
        _marks.RemoveAll(gone.Contains);
        return [.. gone.Select(mark => mark.Number)];
    }

    /// <summary>The devices of the file systems that are marked now, as the kernel numbers them.</summary>
    private HashSet<ulong> Marked()
    {
        const string start = "fanotify sdev:";
        return
        [
            .. File.ReadLines($"/proc/self/fdinfo/{group.Number}")
                .Where(static line => line.StartsWith(start, StringComparison.Ordinal))
                .Select(static line => ulong.Parse(
                    line[start.Length..].Split(' ')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>The devices of the file systems that are mounted now, by mount.</summary>
    private static Dictionary<int, ulong> Mounted()
    {
        // 36 35 98:0 /root /mounted/at ...
        var devices = new Dictionary<int, ulong>();
        foreach (var line in MountInfo.ReadLines())
        {
            var words = line.Split(' ', 4);
            var device = words[2].Split(':');
            devices[int.Parse(words[0], CultureInfo.InvariantCulture)] =
                (ulong.Parse(device[0], CultureInfo.InvariantCulture) << 20)
                | ulong.Parse(device[1], CultureInfo.InvariantCulture);
        }

        return devices;
    }

    /// <param name="Number">From 1.</param>
    /// <param name="Id">As fstatfs says it.</param>
    /// <param name="Device">As fstat says it.</param>
    /// <param name="Listed">As the lists say it; null when a directory only is marked.</param>
    private sealed record Mark(byte Number, ulong Id, ulong Device, ulong? Listed);
}
