namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// Walks the whole records in the bytes read from an inotify descriptor, without copying. Use <c>foreach</c>, or
/// <see cref="MoveNext"/> and the properties of the record it stopped at.
/// </summary>
internal ref struct InotifyRecords(ReadOnlySpan<byte> bytes)
{
    // struct inotify_event: s32 wd, u32 mask, u32 cookie, u32 len, name filled up with NULs.
    private const int HeaderLength = 16;

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The watch; -1 for IN_Q_OVERFLOW.</summary>
    public int Wd { get; private set; }

    /// <summary>What happened, see <see cref="InotifyMask"/>.</summary>
    public uint Mask { get; private set; }

    /// <summary>Joins the two halves of a rename; else 0.</summary>
    public uint Cookie { get; private set; }

    /// <summary>The name in the directory, empty for the directory itself. Valid as long as the bytes.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The record stopped at: a view of this very struct.</summary>
    public readonly InotifyRecords Current => this;

    public readonly InotifyRecords GetEnumerator() => this;

    /// <summary>Goes to the next whole record; false when there is none.</summary>
    public bool MoveNext()
    {
        if (_rest.Length < HeaderLength)
            return false;

        var nameLength = BitConverter.ToUInt32(_rest[12..]);
        if (nameLength > (uint)(_rest.Length - HeaderLength))
            return false;

        Wd = BitConverter.ToInt32(_rest);
        Mask = BitConverter.ToUInt32(_rest[4..]);
        Cookie = BitConverter.ToUInt32(_rest[8..]);
        var padded = _rest.Slice(HeaderLength, (int)nameLength);
        var terminator = padded.IndexOf((byte)0);
        Name = terminator < 0 ? padded : padded[..terminator];
        _rest = _rest[(HeaderLength + (int)nameLength)..];
        return true;
    }
}
