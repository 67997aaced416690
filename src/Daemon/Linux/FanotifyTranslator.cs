using System.Runtime.InteropServices;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// Makes records as inotify gives them (<see cref="InotifyRecords"/>) of fanotify's events, for the directories in the
/// table; the others are dropped first thing. Not safe from several threads.
/// </summary>
/// <remarks>
/// Implementation notes. The kernel merges an event with an unread one of the same name, at the place of the earlier,
/// so the order of what happened to a name can be lost: one event with several of CREATE, DELETE and the moves, or
/// several events of a name in the queue at one time. Nothing is guessed then: both a removal and an appearance of
/// that name are handed on, marked <see cref="InotifyMask.IN_AMBIGUOUS"/>, and whoever counts counts again. A name read
/// once between two moments at which the queue was empty is not concerned: what could have been merged into it would
/// need another event of that name in between. Writes (MODIFY, CLOSE_WRITE) have no part in this.
/// </remarks>
internal sealed class FanotifyTranslator(HandleTable table, Func<ulong, byte> fileSystemOf)
{
    /// <summary>Bytes of records that come of one byte of events, at most.</summary>
    public const int Expansion = 4;

    private const uint Moments = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
    private const uint Writes = IN_MODIFY | IN_CLOSE_WRITE;

    private readonly DrainNames _names = new();
    private uint _lastCookie;

    /// <summary>Number in the table of the directory whose names are fences; -1 for none.</summary>
    public int FenceDirectory { get; set; } = -1;

    /// <summary>The queue was found empty: what is read from now on happened after what was read before.</summary>
    public void QueueIsEmpty() => _names.Clear();

    /// <summary>Translates whole events.</summary>
    /// <param name="events">As read.</param>
    /// <param name="records">Room for <see cref="Expansion"/> times as much.</param>
    /// <returns>Bytes written.</returns>
    public int Translate(ReadOnlySpan<byte> events, Span<byte> records)
    {
        var written = 0;
        var walk = new FanotifyRecords(events);
        while (walk.MoveNext())
        {
            var mask = walk.Mask;
            if ((mask & IN_Q_OVERFLOW) != 0)
                Write(records, ref written, -1, IN_Q_OVERFLOW, default);
            else if ((mask & Libc.FAN_RENAME) != 0)
                Rename(walk, records, ref written);
            else if (Find(walk.Entry) is >= 0 and var watch)
                Happened(watch, (uint)mask, walk.Entry.Name, records, ref written);
        }

        if (_names.IsFull)
        {
            // Too many to remember: said as lost events.
            _names.Clear();
            Write(records, ref written, -1, IN_Q_OVERFLOW, default);
        }

        return written;
    }

    /// <summary>Writes one record.</summary>
    public static void Write(
        Span<byte> records, ref int written, int watch, uint mask, ReadOnlySpan<byte> name, uint cookie = 0)
    {
        var to = records[written..];
        MemoryMarshal.Write(to, in watch);
        MemoryMarshal.Write(to[4..], in mask);
        MemoryMarshal.Write(to[8..], in cookie);
        MemoryMarshal.Write(to[12..], name.Length);
        name.CopyTo(to[16..]);
        written += 16 + name.Length;
    }

    private int Find(in FanotifyEntry entry) =>
        fileSystemOf(entry.FileSystem) is > 0 and var fileSystem
        && FileHandle.TryCreate(fileSystem, entry.HandleType, entry.Handle, out var handle)
            ? table.Find(handle) : -1;

    private void Happened(int watch, uint mask, ReadOnlySpan<byte> name, Span<byte> records, ref int written)
    {
        if (watch == FenceDirectory)
        {
            if (Fanotify.FenceOf(name) is >= 0 and var fence)
                Write(records, ref written, fence, IN_IGNORED, default);
            return;
        }

        var wanted = table.MaskOf(watch);
        if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0)
        {
            // Without FAN_ONDIR it is a file's: kernels before 6.0 tell that too.
            if ((mask & IN_ISDIR) == 0 || !name.SequenceEqual("."u8))
                return;
            if ((mask & wanted & IN_MOVE_SELF) != 0)
                Write(records, ref written, watch, IN_MOVE_SELF, default);
            if ((mask & IN_DELETE_SELF) == 0)
                return;
            if ((wanted & IN_DELETE_SELF) != 0)
                Write(records, ref written, watch, IN_DELETE_SELF, default);
            Write(records, ref written, watch, IN_IGNORED, default);
            table.Remove(watch);
            return;
        }

        var moment = mask & Moments;
        var kind = mask & IN_ISDIR;
        if (moment != 0)
        {
            var again = !_names.Add(watch, name);
            if (again || (moment & (moment - 1)) != 0)
                Ambiguous(watch, kind, name, records, ref written);
            else if ((moment & wanted) != 0)
                Write(records, ref written, watch, moment | kind, name);
        }

        if ((mask & wanted & Writes) != 0)
            Write(records, ref written, watch, (mask & wanted & Writes) | kind, name);
    }

    private void Rename(in FanotifyRecords moved, Span<byte> records, ref int written)
    {
        var from = Find(moved.Entry);
        var to = Find(moved.NewEntry);
        var kind = (uint)moved.Mask & IN_ISDIR;
        // Events of other kinds merge with a rename only if the kernel changes; each side is looked at by itself.
        var again = (moved.Mask & Moments) != 0;
        again |= from >= 0 && !_names.Add(from, moved.Entry.Name);
        again |= to >= 0 && !_names.Add(to, moved.NewEntry.Name);
        if (again)
        {
            if (from >= 0)
                Ambiguous(from, kind, moved.Entry.Name, records, ref written);
            if (to >= 0)
                Ambiguous(to, kind, moved.NewEntry.Name, records, ref written);
            return;
        }

        _lastCookie = _lastCookie == uint.MaxValue ? 1 : _lastCookie + 1;
        if (from >= 0 && (table.MaskOf(from) & IN_MOVED_FROM) != 0)
            Write(records, ref written, from, IN_MOVED_FROM | kind, moved.Entry.Name, _lastCookie);
        if (to >= 0 && (table.MaskOf(to) & IN_MOVED_TO) != 0)
            Write(records, ref written, to, IN_MOVED_TO | kind, moved.NewEntry.Name, _lastCookie);
    }

    private static void Ambiguous(
        int watch, uint kind, ReadOnlySpan<byte> name, Span<byte> records, ref int written)
    {
        Write(records, ref written, watch, IN_DELETE | IN_AMBIGUOUS | kind, name);
        Write(records, ref written, watch, IN_CREATE | IN_AMBIGUOUS | kind, name);
    }
}
