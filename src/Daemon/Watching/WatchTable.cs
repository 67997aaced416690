using MaildirQuotaWatcher.Linux;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Watching;

/// <summary>
/// Which mailbox each kernel watch belongs to, and the way of a kernel record to that mailbox's worker.
/// </summary>
/// <remarks>
/// Implementation notes. One lock. A watch is added and entered under it, and records are dispatched under it, so the
/// first event of a watch always finds its owner; the same holds for fences. The kernel gives a directory one watch
/// however often it is added: a folder on its way from one mailbox to another has two owners for a moment, and the
/// watch ends with the last of them. After an overflow every open fence is void, since its mark may have been dropped;
/// the workers are told that events were lost and ask for new ones.
/// </remarks>
internal sealed class WatchTable(IWatchSource source, EventQueue[] workers)
{
    // Of all tables: a mailbox may go from one to another while a fence is on its way to it.
    private static uint _lastTicket;

    private readonly Lock _lock = new();
    private readonly WatchOwners _owners = new();
    private readonly Dictionary<int, List<WatchOwner>> _furtherOwners = [];
    private readonly Dictionary<int, (WatchOwner Owner, uint Ticket)> _fences = [];
    private (uint Cookie, WatchOwner Owner) _movedOut;

    /// <summary>What the source is called, for people.</summary>
    public string Source => source.Name;

    /// <summary>Watches held now; never waits for those who change it.</summary>
    public int Count => _owners.Count;

    /// <summary>Told, under the table's lock, that <see cref="Count"/> may be another one: returns at once.</summary>
    public Action? CountChanged { get; set; }

    /// <summary>How often the kernel queue has overflowed.</summary>
    public long Overflows { get; private set; }

    /// <summary>When it last did, Unix seconds; 0 for never.</summary>
    public long LastOverflow { get; private set; }

    /// <summary>Records of the kernel dispatched until now.</summary>
    public long Events { get; private set; }

    /// <summary>Watches an open directory for an owner.</summary>
    /// <returns>The watch, or -1.</returns>
    public int Add(int directoryFd, uint mask, WatchOwner owner, out Errno errno)
    {
        lock (_lock)
        {
            // IN_MASK_ADD: another owner of the same directory keeps what it asked for.
            var wd = source.AddWatch(directoryFd, mask | IN_MASK_ADD, out errno);
            if (wd < 0)
                return -1;
            if (!_owners.TryGet(wd, out var first))
            {
                _owners.Set(wd, owner);
                CountChanged?.Invoke();
                return wd;
            }

            if (first == owner)
                return wd;
            if (!_furtherOwners.TryGetValue(wd, out var further))
                _furtherOwners.Add(wd, further = []);
            if (!further.Contains(owner))
                further.Add(owner);
            return wd;
        }
    }

    public void Remove(int wd, WatchOwner owner)
    {
        lock (_lock)
        {
            if (!_owners.TryGet(wd, out var first))
                return;
            _furtherOwners.TryGetValue(wd, out var further);
            if (first != owner)
            {
                further?.Remove(owner);
            }
            else if (further is { Count: > 0 })
            {
                _owners.Set(wd, further[0]);
                further.RemoveAt(0);
            }
            else
            {
                _owners.Remove(wd);
                source.RemoveWatch(wd);
                CountChanged?.Invoke();
            }

            if (further is { Count: 0 })
                _furtherOwners.Remove(wd);
        }
    }

    /// <summary>Asks for a fence: an <see cref="EventKind.Fence"/> record behind all events until now.</summary>
    /// <returns>The ticket the record will carry, growing over all tables and never 0; 0 when the kernel
    /// refused.</returns>
    public uint Fence(WatchOwner owner, out Errno errno)
    {
        lock (_lock)
        {
            // Whatever was read is dispatched, for both are done under the lock: with nothing left in the kernel the
            // worker's own queue is the only place where something may be under way.
            if (source.IsEmpty)
            {
                errno = Errno.None;
                var passed = NextTicket();
                Pass(owner, passed);
                WorkerOf(owner).Flush();
                return passed;
            }

            var wd = source.Fence(out errno);
            if (wd < 0)
                return 0;
            var ticket = NextTicket();
            _fences[wd] = (owner, ticket);
            return ticket;
        }
    }

    /// <summary>Reads what the kernel has and sends it on its way; never waits.</summary>
    /// <inheritdoc cref="IWatchSource.Read"/>
    public int Pump(Span<byte> buffer, out Errno errno)
    {
        lock (_lock)
        {
            var length = source.Read(buffer, out errno);
            if (length <= 0)
                return length;
            foreach (var worker in workers)
                worker.Open();
            foreach (var record in new InotifyRecords(buffer[..length]))
                Dispatch(record);
            foreach (var worker in workers)
                worker.Close();
            return length;
        }
    }

    private void Dispatch(in InotifyRecords record)
    {
        Events++;
        if ((record.Mask & IN_Q_OVERFLOW) != 0)
        {
            Overflows++;
            LastOverflow = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            _fences.Clear();
            foreach (var worker in workers)
                worker.Lose();
            return;
        }

        if ((record.Mask & IN_IGNORED) != 0 && _fences.Remove(record.Wd, out var fence))
        {
            Pass(fence.Owner, fence.Ticket);
            return;
        }

        if (!_owners.TryGet(record.Wd, out var owner))
            return;
        Send(owner, record);
        if (_furtherOwners.Count > 0 && _furtherOwners.TryGetValue(record.Wd, out var further))
            foreach (var other in further)
                Send(other, record);

        if ((record.Mask & IN_IGNORED) != 0)
        {
            _owners.Remove(record.Wd);
            _furtherOwners.Remove(record.Wd);
            CountChanged?.Invoke();
        }
    }

    private static uint NextTicket()
    {
        var next = Interlocked.Increment(ref _lastTicket);
        return next != 0 ? next : NextTicket();
    }

    private void Pass(WatchOwner owner, uint ticket) => WorkerOf(owner).Add(
        new EventHeader { Kind = EventKind.Fence, Mailbox = owner.Mailbox, Cookie = ticket }, default);

    private void Send(WatchOwner owner, in InotifyRecords record)
    {
        if (owner.Directory == 0 && !ConcernsRoot(record))
            return;
        if ((record.Mask & IN_MOVED_FROM) != 0)
            _movedOut = (record.Cookie, owner);
        var header = new EventHeader
        {
            Mailbox = owner.Mailbox,
            Directory = owner.Directory,
            Mask = record.Mask,
            Cookie = record.Cookie,
            FromOtherMailbox = (record.Mask & IN_MOVED_TO) != 0 && record.Cookie == _movedOut.Cookie
                && owner.Mailbox != _movedOut.Owner.Mailbox ? 1 : 0,
        };
        WorkerOf(owner).Add(header, record.Name);
    }

    private EventQueue WorkerOf(WatchOwner owner) => workers[WatchOwner.WorkerOf(owner.Mailbox, workers.Length)];

    /// <summary>The root also holds indexes and logs of other programs, written all the time: not our
    /// business.</summary>
    private static bool ConcernsRoot(in InotifyRecords record)
    {
        var name = record.Name;
        if (name.IsEmpty || name.SequenceEqual("maildirsize"u8))
            return true;
        return (record.Mask & IN_MODIFY) == 0
            && (name[0] == (byte)'.' || name.SequenceEqual("cur"u8) || name.SequenceEqual("new"u8));
    }
}
