using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Storage;

/// <summary>
/// Reads a message directory batch by batch: first all names; then, of those it was told to look at, what the disk
/// says, in the same order. While others look at one batch the next is read, so that a large directory is spread over
/// the cores. One caller at a time; reusable for any number of directories.
/// </summary>
/// <param name="crew">Who helps; null for nobody.</param>
internal sealed class MessageReader(StatCrew? crew) : IDisposable
{
    /// <summary>Below this many, waking somebody takes longer than doing it.</summary>
    private const int WorthSharing = 96;

    private StatBatch _batch = new();
    private StatBatch? _ahead;
    private (bool More, Errno Errno)? _aheadRead;
    private int _fd = -1;
    private uint _owner;

    /// <summary>Names of the batch that were looked at.</summary>
    public int Count => _batch.Count;

    /// <summary>Goes to another open directory, which stays the caller's.</summary>
    /// <param name="fd">Stays open until the last batch has been looked at.</param>
    /// <param name="owner">User id that owns the mailbox.</param>
    public void Attach(int fd, uint owner)
    {
        (_fd, _owner, _aheadRead) = (fd, owner, null);
        _batch.Attach(fd, owner);
    }

    /// <inheritdoc cref="DirectoryReader.ReadBatch"/>
    public bool ReadBatch(out Errno errno)
    {
        if (_aheadRead is not { } read)
            return _batch.Read(out errno);
        (_batch, _ahead, _aheadRead) = (_ahead!, _batch, null);
        errno = read.Errno;
        return read.More;
    }

    /// <inheritdoc cref="DirectoryReader.Next"/>
    public bool Next(out ReadOnlySpan<byte> name, out byte dType) => _batch.Reader.Next(out name, out dType);

    /// <summary>The name given last does not say its size: <see cref="Look"/> will.</summary>
    public void Ask() => _batch.Add();

    /// <summary>Looks at every name of the batch that was asked for.</summary>
    public void Look()
    {
        if (crew is null || Count < WorthSharing || !crew.Begin(_batch))
        {
            _batch.TakeShares();
            return;
        }

        _ahead ??= new StatBatch();
        _ahead.Attach(_fd, _owner);
        _aheadRead = (_ahead.Read(out var errno), errno);
        _batch.TakeShares();
        crew.End();
    }

    /// <inheritdoc cref="StatBatch.Found"/>
    public ReadOnlySpan<byte> Found(int number, out MessageStat found) => _batch.Found(number, out found);

    public void Dispose()
    {
        _batch.Dispose();
        _ahead?.Dispose();
    }
}
