namespace MaildirQuotaWatcher.State;

/// <summary>Walks the directories of a <see cref="SavedMailbox"/>.</summary>
internal ref struct SavedDirectories
{
    /// <summary>Flags of a directory; the lowest two bits are <see cref="SavedDirectory.Half"/>.</summary>
    internal const byte SameFolder = 4, SameDevice = 8, SameTimes = 16, HasUnsized = 32, AllFlags = 63, HalfMask = 3;

    private readonly ulong _rootDevice;
    private readonly long _savedAt;
    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _folder;
    private ulong _inode;
    private long _modified;

    internal SavedDirectories(
        ulong rootDevice, ulong rootInode, long rootChanged, long savedAt, ReadOnlySpan<byte> encoded)
    {
        (_rootDevice, _inode, _modified, _savedAt) = (rootDevice, rootInode, rootChanged, savedAt);
        _rest = encoded;
    }

    /// <summary>After the last <see cref="TryNext"/>: nothing is left that could not be read.</summary>
    internal readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>The next one; false at the end.</summary>
    public bool TryNext(out SavedDirectory directory)
    {
        var rest = _rest;
        if (!TryRead(ref rest, out directory))
            return false;
        _rest = rest;
        return true;
    }

    private bool TryRead(scoped ref ReadOnlySpan<byte> rest, out SavedDirectory directory)
    {
        directory = default;
        if (rest.IsEmpty)
            return false;
        var flags = rest[0];
        rest = rest[1..];
        directory.Half = (byte)(flags & HalfMask);
        if (flags > AllFlags || directory.Half > SavedDirectory.Nested)
            return false;

        if ((flags & SameFolder) == 0 && !TryName(ref rest, out _folder))
            return false;
        directory.Folder = _folder;
        if (directory.Half == SavedDirectory.Nested)
        {
            if (!TryName(ref rest, out var path))
                return false;
            directory.Path = path;
        }

        var device = _rootDevice;
        if (((flags & SameDevice) == 0 && !Varint.TryRead(ref rest, out device))
            || !TryDifference(ref rest, (long)_inode, out var inode)
            || !TryDifference(ref rest, _modified, out _modified))
            return false;
        var changed = _modified;
        if (((flags & SameTimes) == 0 && !TryDifference(ref rest, _modified, out changed))
            || !Varint.TryRead(ref rest, out long bytes) || !Varint.TryRead(ref rest, out long messages)
            || !TryDifference(ref rest, _savedAt, out var countedAt))
            return false;

        _inode = (ulong)inode;
        (directory.Device, directory.Inode) = (device, _inode);
        (directory.Modified, directory.Changed) = (_modified, changed);
        (directory.Bytes, directory.Messages, directory.CountedAt) = (bytes, messages, countedAt);
        if ((flags & HasUnsized) == 0)
            return true;
        if (!TryUnsized(ref rest, out var unsized))
            return false;
        directory.Unsized = unsized;
        return true;
    }

    private static bool TryUnsized(scoped ref ReadOnlySpan<byte> rest, out SavedSizes unsized)
    {
        unsized = default;
        if (!Varint.TryRead(ref rest, out ulong count) || count > (ulong)rest.Length)
            return false;
        unsized = new SavedSizes((int)count, rest);
        for (var i = 0UL; i < count; i++)
        {
            if (rest.Length < sizeof(ulong))
                return false;
            rest = rest[sizeof(ulong)..];
            if (!Varint.TryRead(ref rest, out ulong _))
                return false;
        }

        return true;
    }

    private static bool TryName(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!Varint.TryRead(ref rest, out ulong length) || length > (ulong)rest.Length)
            return false;
        name = rest[..(int)length];
        rest = rest[(int)length..];
        return true;
    }

    private static bool TryDifference(scoped ref ReadOnlySpan<byte> rest, long from, out long value)
    {
        var read = Varint.TryRead(ref rest, out ulong difference);
        value = unchecked(from + Varint.UnZigZag(difference));
        return read;
    }
}
