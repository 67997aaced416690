namespace MaildirQuotaWatcher.Linux;

/// <summary>A name in a directory, as fanotify(7) tells it. Valid as long as the bytes.</summary>
internal readonly ref struct FanotifyEntry
{
    // header of 4 bytes, fsid of 8, struct file_handle: u32 handle_bytes, s32 handle_type, bytes; then the name.
    private const int HandleAt = 20;

    private readonly ReadOnlySpan<byte> _padded;

    private FanotifyEntry(ReadOnlySpan<byte> padded) => _padded = padded;

    /// <summary>As fstatfs(2) says it.</summary>
    public ulong FileSystem { get; private init; }

    public int HandleType { get; private init; }

    /// <summary>The directory; empty when there is none.</summary>
    public ReadOnlySpan<byte> Handle { get; private init; }

    /// <summary>The name in it; "." for the directory itself. Looked for when asked: most events are dropped by their
    /// handle.</summary>
    public ReadOnlySpan<byte> Name
    {
        get
        {
            var terminator = _padded.IndexOf((byte)0);
            return terminator < 0 ? _padded : _padded[..terminator];
        }
    }

    /// <summary>Reads one information record; empty when it is not whole.</summary>
    public static FanotifyEntry Read(ReadOnlySpan<byte> record)
    {
        if (record.Length < HandleAt)
            return default;
        var length = BitConverter.ToUInt32(record[12..]);
        if (length > (uint)(record.Length - HandleAt))
            return default;
        return new FanotifyEntry(record[(HandleAt + (int)length)..])
        {
            FileSystem = BitConverter.ToUInt64(record[4..]),
            HandleType = BitConverter.ToInt32(record[16..]),
            Handle = record.Slice(HandleAt, (int)length),
        };
    }
}
