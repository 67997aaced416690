using System.Numerics;
using System.Runtime.CompilerServices;

namespace MaildirQuotaWatcher.Watching;

/// <summary>
/// Owners by watch number: about 9 bytes a watch. Numbers may be any, but grow as the kernel gives them, so those given
/// at one time lie close together. Not safe from several threads.
/// </summary>
/// <remarks>
/// Implementation notes. 256 numbers share a page: a bit for each that has an owner, and the owners in the order of
/// their numbers, no gaps. Fences use up numbers too, so years later a page may hold a single watch: it is as large as
/// what is in it, and dropped when empty.
/// </remarks>
internal sealed class WatchOwners
{
    private readonly Dictionary<int, Page> _pages = [];

    /// <summary>Watches that have an owner.</summary>
    public int Count { get; private set; }

    public bool TryGet(int watch, out WatchOwner owner)
    {
        if (_pages.TryGetValue(watch >> 8, out var page) && page.Has((byte)watch))
        {
            owner = page[(byte)watch];
            return true;
        }

        owner = default;
        return false;
    }

    /// <summary>Gives the watch this owner, whether it had one or not.</summary>
    public void Set(int watch, WatchOwner owner)
    {
        if (!_pages.TryGetValue(watch >> 8, out var page))
            _pages.Add(watch >> 8, page = new Page());
        if (page.Has((byte)watch))
        {
            page[(byte)watch] = owner;
            return;
        }

        page.Insert((byte)watch, owner);
        Count++;
    }

    public void Remove(int watch)
    {
        if (!_pages.TryGetValue(watch >> 8, out var page) || !page.Has((byte)watch))
            return;
        page.Remove((byte)watch);
        Count--;
        if (page.IsEmpty)
            _pages.Remove(watch >> 8);
    }

    private sealed class Page
    {
        private Bits _present;
        private WatchOwner[] _owners = new WatchOwner[2];
        private int _count;

        public bool IsEmpty => _count == 0;

        public WatchOwner this[byte number]
        {
            get => _owners[Place(number)];
            set => _owners[Place(number)] = value;
        }

        public bool Has(byte number) => (_present[number >> 6] & (1UL << number)) != 0;

        public void Insert(byte number, WatchOwner owner)
        {
            var place = Place(number);
            if (_count == _owners.Length)
                Array.Resize(ref _owners, 2 * _count);
            _owners.AsSpan(place, _count - place).CopyTo(_owners.AsSpan(place + 1));
            _owners[place] = owner;
            _count++;
            _present[number >> 6] |= 1UL << number;
        }

        public void Remove(byte number)
        {
            var place = Place(number);
            _count--;
            _owners.AsSpan(place + 1, _count - place).CopyTo(_owners.AsSpan(place));
            _present[number >> 6] &= ~(1UL << number);
            if (_owners.Length > 2 && _count <= _owners.Length / 4)
                Array.Resize(ref _owners, _owners.Length / 2);
        }

        /// <summary>How many lower numbers are present.</summary>
        private int Place(byte number)
        {
            var word = number >> 6;
            var place = BitOperations.PopCount(_present[word] & ((1UL << number) - 1));
            for (var lower = 0; lower < word; lower++)
                place += BitOperations.PopCount(_present[lower]);
            return place;
        }
    }

    [InlineArray(4)]
    private struct Bits
    {
        private ulong _word;
    }
}
