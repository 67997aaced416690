using System.Security.Cryptography;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// The watched directories by handle, each with a number and a mask: 30 to 35 bytes a directory. Not safe from several
/// threads.
/// </summary>
/// <remarks>
/// Implementation notes. The number is the place in pages of 1024 handles; an open-addressing index of numbers finds a
/// handle (linear probing; what follows is moved up when one is removed, so nothing is left behind). A number that was
/// given back is used again only after <see cref="Reuse"/>: a record with it may be on its way.
/// </remarks>
internal sealed class HandleTable
{
    private const int PageLength = 1024;
    private readonly List<FileHandle[]> _pages = [];
    private readonly Stack<int> _free = new();
    private readonly List<int> _resting = [];
    private readonly List<uint> _masks = [];
    private readonly ulong _seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private int[] _index = NewIndex(256);
    private int _shift = 64 - 8;
    private int _end;

    /// <summary>Directories in the table.</summary>
    public int Count { get; private set; }

    /// <summary>The directory's number, or -1.</summary>
    public int Find(in FileHandle handle)
    {
        var place = PlaceOf(handle);
        return _index[place];
    }

    /// <summary>The mask of a number in use.</summary>
    public uint MaskOf(int number) => _masks[At(number).Extra];

    /// <summary>The directory's number, new or old.</summary>
    /// <param name="handle">The directory.</param>
    /// <param name="mask">At most 255 different ones in all.</param>
    public int Set(FileHandle handle, uint mask)
    {
        handle.Extra = Masks(mask);
        var place = PlaceOf(handle);
        if (_index[place] >= 0)
        {
            At(_index[place]).Extra = handle.Extra;
            return _index[place];
        }

        if (!_free.TryPop(out var number))
        {
            number = _end++;
            if (number / PageLength == _pages.Count)
                _pages.Add(new FileHandle[PageLength]);
        }

        At(number) = handle;
        _index[place] = number;
        Count++;
        if (Count > _index.Length / 4 * 3)
            Grow();
        return number;
    }

    /// <summary>Forgets a number; false when it is not in use.</summary>
    public bool Remove(int number)
    {
        if (number < 0 || number >= _end || At(number).FileSystem == 0)
            return false;
        var hole = PlaceOf(At(number));
        At(number) = default;
        _resting.Add(number);
        Count--;
        for (var next = Next(hole); _index[next] >= 0; next = Next(next))
        {
            // What would rather stand at the hole or before it moves there.
            var home = HomeOf(At(_index[next]));
            if (((next - home) & (_index.Length - 1)) < ((next - hole) & (_index.Length - 1)))
                continue;
            _index[hole] = _index[next];
            hole = next;
        }

        _index[hole] = -1;
        return true;
    }

    /// <summary>No record with a number given back until now is on its way any more.</summary>
    public void Reuse()
    {
        foreach (var number in _resting)
            _free.Push(number);
        _resting.Clear();
    }

    /// <summary>Forgets all directories of a file system.</summary>
    /// <returns>Their numbers.</returns>
    public List<int> RemoveAll(byte fileSystem)
    {
        var removed = new List<int>();
        for (var number = 0; number < _end; number++)
            if (At(number).FileSystem == fileSystem && Remove(number))
                removed.Add(number);
        return removed;
    }

    private static int[] NewIndex(int length)
    {
        var index = new int[length];
        Array.Fill(index, -1);
        return index;
    }

    private ref FileHandle At(int number) => ref _pages[number / PageLength][number % PageLength];

    private int HomeOf(in FileHandle handle) => (int)(handle.Hash(_seed) >> _shift);

    private int Next(int place) => (place + 1) & (_index.Length - 1);

    /// <summary>Where the handle's number stands in the index, or would.</summary>
    private int PlaceOf(in FileHandle handle)
    {
        var place = HomeOf(handle);
        while (_index[place] >= 0 && !At(_index[place]).IsSame(handle))
            place = Next(place);
        return place;
    }

    private void Grow()
    {
        _index = NewIndex(2 * _index.Length);
        _shift--;
        for (var number = 0; number < _end; number++)
            if (At(number).FileSystem != 0)
                _index[PlaceOf(At(number))] = number;
    }

    private byte Masks(uint mask)
    {
        var known = _masks.IndexOf(mask);
        if (known < 0)
        {
            known = _masks.Count;
            _masks.Add(mask);
        }

        return checked((byte)known);
    }
}
