namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// The messages whose name does not say their size: hash of the name and size in bytes, 19 to 24 bytes a message.
/// Open addressing; a slot is found by multiplication, so that the table can grow by a quarter instead of doubling.
/// </summary>
public sealed class UnsizedMessages
{
    private const double MaximumLoad = 0.85;
    private ulong[] _names = new ulong[8];
    private long[] _bytes = new long[8];

    public int Count { get; private set; }

    /// <summary>Bytes that the two arrays take.</summary>
    public long Footprint => 8L * _names.Length + 8L * _bytes.Length;

    /// <summary>Remembers a message; when the name was known already, gives the size it had.</summary>
    public bool Set(ulong name, long bytes, out long before)
    {
        var slot = Find(name);
        if (_names[slot] == name)
        {
            before = _bytes[slot];
            _bytes[slot] = bytes;
            return true;
        }

        before = 0;
        if (Count + 1 > _names.Length * MaximumLoad)
        {
            Grow();
            slot = Find(name);
        }

        _names[slot] = name;
        _bytes[slot] = bytes;
        Count++;
        return false;
    }

    public bool TryGet(ulong name, out long bytes)
    {
        var slot = Find(name);
        bytes = _bytes[slot];
        return _names[slot] == name;
    }

    public bool Remove(ulong name, out long bytes)
    {
        var hole = Find(name);
        bytes = _bytes[hole];
        if (_names[hole] != name)
            return false;

        // Close the gap: whoever was pushed past the hole moves back, so that no search ends too early.
        var length = _names.Length;
        for (var slot = Next(hole, length); _names[slot] != 0; slot = Next(slot, length))
        {
            var home = Home(_names[slot], length);
            var reachable = hole <= slot ? home <= hole || home > slot : home <= hole && home > slot;
            if (!reachable)
                continue;
            _names[hole] = _names[slot];
            _bytes[hole] = _bytes[slot];
            hole = slot;
        }

        _names[hole] = 0;
        Count--;
        return true;
    }

    /// <summary>Every message: hash of its name, and bytes.</summary>
    public IEnumerable<(ulong Name, long Bytes)> All()
    {
        for (var slot = 0; slot < _names.Length; slot++)
            if (_names[slot] != 0)
                yield return (_names[slot], _bytes[slot]);
    }

    private void Grow()
    {
        var (names, bytes) = (_names, _bytes);
        var length = Math.Max(names.Length + 8, names.Length + names.Length / 4);
        _names = new ulong[length];
        _bytes = new long[length];
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i] == 0)
                continue;
            var slot = Find(names[i]);
            _names[slot] = names[i];
            _bytes[slot] = bytes[i];
        }
    }

    /// <summary>The slot of the name, or the empty one where it would go.</summary>
    private int Find(ulong name)
    {
        var slot = Home(name, _names.Length);
        while (_names[slot] != 0 && _names[slot] != name)
            slot = Next(slot, _names.Length);
        return slot;
    }

    private static int Home(ulong name, int length) => (int)Math.BigMul(name, (ulong)length, out _);

    private static int Next(int slot, int length) => slot + 1 == length ? 0 : slot + 1;
}
