namespace MaildirQuotaWatcher.Linux;

/// <summary>Bits of inotify(7).</summary>
internal static class InotifyMask
{
    public const uint IN_ACCESS = 0x1;
    public const uint IN_MODIFY = 0x2;
    public const uint IN_ATTRIB = 0x4;
    public const uint IN_CLOSE_WRITE = 0x8;
    public const uint IN_CLOSE_NOWRITE = 0x10;
    public const uint IN_OPEN = 0x20;
    public const uint IN_MOVED_FROM = 0x40;
    public const uint IN_MOVED_TO = 0x80;
    public const uint IN_CREATE = 0x100;
    public const uint IN_DELETE = 0x200;
    public const uint IN_DELETE_SELF = 0x400;
    public const uint IN_MOVE_SELF = 0x800;

    // Only in records.
    public const uint IN_UNMOUNT = 0x2000;
    public const uint IN_Q_OVERFLOW = 0x4000;
    public const uint IN_IGNORED = 0x8000;
    public const uint IN_ISDIR = 0x40000000;

    /// <summary>Not of inotify: in records of <see cref="Fanotify"/>, the name came or went, in an order nobody
    /// knows.</summary>
    public const uint IN_AMBIGUOUS = 0x00100000;

    // Only for AddWatch.
    public const uint IN_ONLYDIR = 0x01000000;
    public const uint IN_DONT_FOLLOW = 0x02000000;
    public const uint IN_EXCL_UNLINK = 0x04000000;
    public const uint IN_MASK_CREATE = 0x10000000;
    public const uint IN_MASK_ADD = 0x20000000;
    public const uint IN_ONESHOT = 0x80000000;
}
