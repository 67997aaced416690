using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MaildirQuotaWatcher.Watching;

/// <summary>
/// The events on their way to one worker, as bytes in reused chunks: nothing is allocated per event. Any number of
/// writers, one reader. When the worker falls behind by <see cref="MaximumChunks"/> chunks, events are dropped and it
/// is told so: back-pressure ends in a recount, never in growing memory.
/// </summary>
internal sealed class EventQueue : IDisposable
{
    private const int ChunkLength = 64 * 1024;
    private const int MaximumChunks = 256;

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _signal = new(false);
    private readonly Stack<Chunk> _free = new();
    private List<Chunk> _filled = [];
    private bool _lost;
    private int _news;
    private int _asleep;

    /// <summary>Keeps the reader and other writers out, for a batch of <see cref="Add"/>; <see cref="Close"/> must
    /// follow. Who opens several queues opens them in one order.</summary>
    public void Open() => _lock.Enter();

    /// <summary>Ends a batch, and wakes the reader if there is something new and it sleeps.</summary>
    public void Close()
    {
        _lock.Exit();
        Flush();
    }

    /// <summary>Queues one record.</summary>
    public void Add(EventHeader header, ReadOnlySpan<byte> name)
    {
        header.NameLength = name.Length;
        lock (_lock)
        {
            if (!_lost && RoomFor(Unsafe.SizeOf<EventHeader>() + name.Length) is { } chunk)
                chunk.Append(header, name);
            else
                _lost = true;
        }

        Volatile.Write(ref _news, 1);
    }

    /// <summary>Says that events are missing; what is queued is of no more use.</summary>
    public void Lose()
    {
        lock (_lock)
            _lost = true;
        Volatile.Write(ref _news, 1);
    }

    /// <summary>Wakes the reader if there is something new and it sleeps; by the writer, after a batch.</summary>
    public void Flush()
    {
        // Looked at first: most batches bring nothing for most workers.
        if (Volatile.Read(ref _news) != 0 && Interlocked.Exchange(ref _asleep, 0) != 0)
            _signal.Set();
    }

    /// <summary>Wakes the reader.</summary>
    public void Signal()
    {
        Volatile.Write(ref _news, 1);
        Flush();
    }

    /// <summary>Waits until something is new since this returned last. May return without a reason.</summary>
    /// <param name="milliseconds">-1 for ever.</param>
    public void Wait(int milliseconds)
    {
        if (Interlocked.Exchange(ref _news, 0) != 0)
            return;
        // Whoever brings news looks whether the reader sleeps, and the reader looks for news once it is said to sleep:
        // one of the two sees the other.
        Interlocked.Exchange(ref _asleep, 1);
        if (Volatile.Read(ref _news) == 0)
            _signal.WaitOne(milliseconds);
        Volatile.Write(ref _asleep, 0);
        // What is new is looked at only after this.
        Interlocked.Exchange(ref _news, 0);
    }

    /// <summary>Takes everything queued; give it back with <see cref="Recycle"/>.</summary>
    /// <param name="empty">An empty list to fill from now on.</param>
    /// <param name="lost">True when events were lost after what is returned.</param>
    public List<Chunk> Take(List<Chunk> empty, out bool lost)
    {
        lock (_lock)
        {
            var filled = _filled;
            _filled = empty;
            lost = _lost;
            _lost = false;
            return filled;
        }
    }

    public void Recycle(List<Chunk> chunks)
    {
        lock (_lock)
        {
            foreach (var chunk in chunks)
            {
                chunk.Clear();
                // A burst's memory goes back to the system; a few chunks stay for the next one.
                if (_free.Count < 4)
                    _free.Push(chunk);
            }
        }

        chunks.Clear();
    }

    public void Dispose() => _signal.Dispose();

    private Chunk? RoomFor(int length)
    {
        if (_filled.Count > 0 && _filled[^1].Free >= length)
            return _filled[^1];
        if (_filled.Count >= MaximumChunks)
            return null;
        var chunk = _free.TryPop(out var free) ? free : new Chunk();
        _filled.Add(chunk);
        return chunk;
    }

    /// <summary>64 KB of records.</summary>
    internal sealed class Chunk
    {
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(ChunkLength);
        private int _end;
        private int _read;

        public int Free => ChunkLength - _end;

        public void Append(in EventHeader header, ReadOnlySpan<byte> name)
        {
            MemoryMarshal.Write(_bytes.AsSpan(_end), in header);
            _end += Unsafe.SizeOf<EventHeader>();
            name.CopyTo(_bytes.AsSpan(_end));
            _end += name.Length;
        }

        /// <summary>The next record; false at the end.</summary>
        public bool Next(out EventHeader header, out ReadOnlySpan<byte> name)
        {
            if (_read >= _end)
            {
                header = default;
                name = default;
                return false;
            }

            header = MemoryMarshal.Read<EventHeader>(_bytes.AsSpan(_read));
            _read += Unsafe.SizeOf<EventHeader>();
            name = _bytes.AsSpan(_read, header.NameLength);
            _read += header.NameLength;
            return true;
        }

        public void Clear() => _end = _read = 0;
    }
}
