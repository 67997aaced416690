using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Numerics;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// Reads an open directory in batches of 64 KB (getdents64(2)), so that a caller can stop between two batches and come
/// back. One caller at a time; reusable for any number of directories. Does not own the descriptor.
/// </summary>
/// <remarks>
/// The kernel keeps the position in the descriptor: attaching the same one again goes on where it was. A name that
/// exists throughout is seen once; one that comes, goes or is renamed meanwhile may or may not be (readdir(3)).
/// </remarks>
internal sealed unsafe class DirectoryReader : IDisposable
{
    public const byte DT_UNKNOWN = 0;
    public const byte DT_DIR = 4;
    public const byte DT_REG = 8;
    public const byte DT_LNK = 10;

    private const int BufferLength = 64 * 1024;
    private const int PooledBuffers = 16;

    // struct linux_dirent64: u64 d_ino, s64 d_off, u16 d_reclen, u8 d_type, d_name ended by NUL.
    private const int RecordLengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;
    private const int ShortestRecord = 24;

    private static readonly ConcurrentBag<byte[]> Pool = [];

    private byte[]? _buffer = Pool.TryTake(out var pooled)
        ? pooled
        : GC.AllocateUninitializedArray<byte>(BufferLength, pinned: true);

    private int _fd = -1;
    private int _position;
    private int _end;

    /// <summary>Goes to another open directory; what was left of the last batch is dropped.</summary>
    public void Attach(int fd)
    {
        _fd = fd;
        _position = _end = 0;
    }

    /// <summary>Starts again at the first name.</summary>
    public Errno Rewind()
    {
        _position = _end = 0;
        return Libc.lseek(_fd, 0, 0) < 0 ? Libc.LastError : Errno.None;
    }

    /// <summary>
    /// Reads the next batch; false at the end (<paramref name="errno"/> is ok) or on failure (ENOENT: the directory was
    /// removed). A batch may hold no name at all.
    /// </summary>
    public bool ReadBatch(out Errno errno)
    {
        var buffer = _buffer ?? throw new ObjectDisposedException(nameof(DirectoryReader));
        _position = _end = 0;
        fixed (byte* start = buffer)
        {
            var length = (int)Libc.syscall(Libc.SYS_getdents64, _fd, start, buffer.Length, 0);
            errno = length < 0 ? Libc.LastError : Errno.None;
            _end = Math.Max(length, 0);
        }

        return _end > 0;
    }

    /// <summary>Where the name given last lies in the batch, for <see cref="NameAt"/>.</summary>
    public int NamePosition { get; private set; }

    /// <summary>
    /// A name of this batch, its NUL included, by its <see cref="NamePosition"/>. Safe from any thread until the next
    /// batch.
    /// </summary>
    public ReadOnlySpan<byte> NameAt(int position)
    {
        var rest = _buffer.AsSpan(position, _end - position);
        return rest[..(rest.IndexOf((byte)0) + 1)];
    }

    /// <summary>The next name of the batch, without "." and "..". Valid until the next batch.</summary>
    /// <param name="name">The bytes of the name.</param>
    /// <param name="dType">A DT_ constant; DT_UNKNOWN where the filesystem does not say.</param>
    public bool Next(out ReadOnlySpan<byte> name, out byte dType)
    {
        while (_end - _position > NameOffset)
        {
            var rest = _buffer.AsSpan(_position, _end - _position);
            int length = BitConverter.ToUInt16(rest[RecordLengthOffset..]);
            if (length < ShortestRecord || length > rest.Length)
                break;

            _position += length;
            name = rest[NameOffset..EndOfName(rest, length)];
            dType = rest[TypeOffset];
            NamePosition = _position - length + NameOffset;
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                return true;
        }

        _position = _end;
        name = default;
        dType = DT_UNKNOWN;
        return false;
    }

    /// <summary>
    /// Where the NUL is. Records are padded to 8 bytes, so it is among the last 8; what follows it is left over. All
    /// eight are looked at together (the lowest zero byte is found exactly), for a scan does this for every message.
    /// </summary>
    private static int EndOfName(ReadOnlySpan<byte> record, int length)
    {
        const ulong Ones = 0x0101010101010101;
        var tail = length - sizeof(ulong);
        var word = BinaryPrimitives.ReadUInt64LittleEndian(record[tail..]);
        // The shortest record: before the name is what is no name.
        if (tail < NameOffset)
            word |= (1UL << (8 * (NameOffset - tail))) - 1;
        var zeros = (word - Ones) & ~word & (Ones << 7);
        return zeros == 0 ? length : tail + (BitOperations.TrailingZeroCount(zeros) >> 3);
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        if (_buffer is { } buffer && Pool.Count < PooledBuffers)
            Pool.Add(buffer);
        _buffer = null;
        _position = _end = 0;
    }
}
