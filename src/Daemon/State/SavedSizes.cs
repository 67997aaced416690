using System.Buffers.Binary;

namespace MaildirQuotaWatcher.State;

/// <summary>Messages whose names do not say their size: for each the hash of its name and its bytes.</summary>
internal ref struct SavedSizes
{
    private ReadOnlySpan<byte> _rest;
    private int _left;

    internal SavedSizes(int count, ReadOnlySpan<byte> encoded)
    {
        (Count, _left) = (count, count);
        _rest = encoded;
    }

    /// <summary>So many, to be given to <see cref="SavedMailboxWriter.AddUnsized"/> after the directory.</summary>
    public SavedSizes(int count)
        : this(count, default)
    {
    }

    public int Count { get; }

    /// <summary>The next one; false at the end.</summary>
    public bool TryNext(out ulong nameHash, out long bytes)
    {
        (nameHash, bytes) = (0, 0);
        if (_left == 0 || !BinaryPrimitives.TryReadUInt64LittleEndian(_rest, out nameHash))
            return false;
        _rest = _rest[sizeof(ulong)..];
        _left--;
        return Varint.TryRead(ref _rest, out bytes);
    }
}
