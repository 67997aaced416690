using System.Buffers.Binary;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.State;

/// <summary>Messages whose names do not say their size: for each the hash of its name and its bytes.</summary>
internal ref struct SavedSizes
{
    private ReadOnlySpan<byte> _rest;
    private int _left;

    private SavedSizes(int count, ReadOnlySpan<byte> encoded)
    {
        (Count, _left) = (count, count);
        _rest = encoded;
    }

    public int Count { get; }

    /// <summary>The next one, its bytes never negative; false at the end.</summary>
    public bool TryNext(out ulong nameHash, out long bytes)
    {
        (nameHash, bytes) = (0, 0);
        if (_left == 0 || !BinaryPrimitives.TryReadUInt64LittleEndian(_rest, out nameHash))
            return false;
        _rest = _rest[sizeof(ulong)..];
        _left--;
        return Varint.TryRead(ref _rest, out bytes);
    }

    /// <summary>Takes their number and all of them off the start; false when they are not all there.</summary>
    internal static bool TryRead(scoped ref ReadOnlySpan<byte> from, out SavedSizes sizes)
    {
        sizes = default;
        if (!Varint.TryRead(ref from, out long count) || count > from.Length)
            return false;
        var walk = new SavedSizes((int)count, from);
        sizes = walk;
        for (var i = 0; i < count; i++)
            if (!walk.TryNext(out _, out _))
                return false;
        from = walk._rest;
        return true;
    }
}
