using System.Runtime.InteropServices;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// Which names, in which watched directories, have been read since the kernel's queue was last empty. A name may be
/// taken for another (32 bits of a keyed hash); that only costs a count.
/// </summary>
internal sealed class DrainNames
{
    private const int Small = 256;

    /// <summary>What it may hold; 16 MB.</summary>
    public const int Most = 1 << 20;

    private ulong[] _names = new ulong[Small];
    private int _count;

    /// <summary>False when the name was there already.</summary>
    public bool Add(int watch, ReadOnlySpan<byte> name)
    {
        // The keyed hash of strings, on bytes: two a character, then the last one of an odd number.
        var pairs = MemoryMarshal.Cast<byte, char>(name);
        var last = (name.Length & 1) != 0 ? name[^1] + 1u : 0;
        var hash = (uint)string.GetHashCode(pairs) + last * 0x9e3779b1;
        var wanted = ((ulong)(uint)(watch + 1) << 32) | hash;

        var place = Place(wanted);
        if (_names[place] == wanted)
            return false;
        _names[place] = wanted;
        if (++_count > _names.Length / 2)
            Grow();
        return true;
    }

    public bool IsFull => _count >= Most;

    public void Clear()
    {
        if (_count == 0)
            return;
        if (_names.Length > 16 * Small)
            _names = new ulong[Small];
        else
            Array.Clear(_names);
        _count = 0;
    }

    private int Place(ulong wanted)
    {
        var mask = _names.Length - 1;
        var place = (int)(((wanted * 0x9e3779b97f4a7c15) >> 32) & (uint)mask);
        while (_names[place] != 0 && _names[place] != wanted)
            place = (place + 1) & mask;
        return place;
    }

    private void Grow()
    {
        var old = _names;
        _names = new ulong[2 * old.Length];
        foreach (var name in old)
            if (name != 0)
                _names[Place(name)] = name;
    }
}
