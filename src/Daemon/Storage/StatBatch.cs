using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Storage;

/// <summary>
/// One batch of names of a directory, and those of them whose size only the disk knows: these are looked at together,
/// by several threads where a <see cref="StatCrew"/> helps, and read in the order in which they were added. Reused:
/// nothing is allocated for a message.
/// </summary>
internal sealed class StatBatch : IDisposable
{
    /// <summary>Names that one thread takes at a time, about 30 microseconds of work.</summary>
    private const int Share = 16;

    private int[] _names = [];
    private MessageStat[] _found = [];
    private int _fd = -1;
    private uint _owner;
    private int _taken;

    /// <summary>Holds the names.</summary>
    public DirectoryReader Reader { get; } = new();

    /// <summary>How many are to be looked at.</summary>
    public int Count { get; private set; }

    /// <summary>Goes to another open directory.</summary>
    /// <param name="fd">Stays open until the last batch has been looked at.</param>
    /// <param name="owner">User id that owns the mailbox.</param>
    public void Attach(int fd, uint owner)
    {
        (_fd, _owner, Count) = (fd, owner, 0);
        Reader.Attach(fd);
    }

    /// <summary>Reads the next batch of names, see <see cref="DirectoryReader.ReadBatch"/>.</summary>
    public bool Read(out Errno errno)
    {
        (Count, _taken) = (0, 0);
        return Reader.ReadBatch(out errno);
    }

    /// <summary>The name that the reader gave last is to be looked at.</summary>
    public void Add()
    {
        if (Count == _names.Length)
        {
            var room = Math.Max(64, 2 * Count);
            Array.Resize(ref _names, room);
            Array.Resize(ref _found, room);
        }

        _names[Count++] = Reader.NamePosition;
    }

    /// <summary>Looks at names until none are left; any number of threads at once.</summary>
    public void TakeShares()
    {
        int first;
        while ((first = Interlocked.Add(ref _taken, Share) - Share) < Count)
            for (var i = first; i < Math.Min(first + Share, Count); i++)
                _found[i] = MessageDisk.Stat(_fd, Reader.NameAt(_names[i]), _owner);
    }

    /// <summary>A name, without its NUL, and what was found.</summary>
    public ReadOnlySpan<byte> Found(int number, out MessageStat found)
    {
        found = _found[number];
        return Reader.NameAt(_names[number])[..^1];
    }

    public void Dispose() => Reader.Dispose();
}
