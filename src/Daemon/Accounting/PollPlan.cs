using System.Diagnostics.CodeAnalysis;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// When to look at the mailboxes of whose changes the kernel does not tell: each once an interval, all of them spread
/// evenly over it. No clock and no thread: time comes in with each call, in monotonic milliseconds.
/// </summary>
/// <typeparam name="T">A mailbox; equal to itself only.</typeparam>
/// <param name="interval">Milliseconds between two looks at the same mailbox, more than 0.</param>
/// <remarks>
/// Each mailbox has a slot, the lowest free one, and slot n has its place at the fraction of n times the golden ratio:
/// however many there are, they lie nearly evenly, and none ever moves because another comes or goes.
/// </remarks>
internal sealed class PollPlan<T>(long interval)
    where T : class
{
    private const double GoldenRatio = 0.618033988749894848;

    private readonly Dictionary<T, Entry> _entries = new(ReferenceEqualityComparer.Instance);
    private readonly PriorityQueue<Entry, long> _due = new();
    private readonly PriorityQueue<int, int> _freeSlots = new();

    public int Count => _entries.Count;

    /// <summary>When <see cref="TryTake"/> has the next one; <c>long.MaxValue</c> when nothing is polled.</summary>
    public long DueAt
    {
        get
        {
            // Those that were removed lie in the queue until their time comes to the front.
            while (_due.TryPeek(out var entry, out var due))
            {
                if (!entry.Removed)
                    return due;
                _due.Dequeue();
            }

            return long.MaxValue;
        }
    }

    /// <summary>From now on the mailbox is polled, first within one interval. Once more changes nothing.</summary>
    public void Add(T mailbox, long now)
    {
        if (_entries.ContainsKey(mailbox))
            return;
        var slot = _freeSlots.TryDequeue(out var free, out _) ? free : _entries.Count;
        var entry = new Entry(mailbox, slot);
        _entries.Add(mailbox, entry);
        _due.Enqueue(entry, NextDue(slot, now));
    }

    /// <summary>The mailbox is polled no more; nothing happens when it was not.</summary>
    public void Remove(T mailbox)
    {
        if (!_entries.Remove(mailbox, out var entry))
            return;
        entry.Removed = true;
        _freeSlots.Enqueue(entry.Slot, entry.Slot);
        if (_entries.Count > 0)
            return;
        _due.Clear();
        _freeSlots.Clear();
    }

    /// <summary>A mailbox whose time has come; its next is one interval on. Missed times are skipped.</summary>
    public bool TryTake(long now, [NotNullWhen(true)] out T? mailbox)
    {
        mailbox = null;
        if (DueAt > now)
            return false;
        var entry = _due.Dequeue();
        _due.Enqueue(entry, NextDue(entry.Slot, now));
        mailbox = entry.Mailbox;
        return true;
    }

    /// <summary>The first time after now that belongs to the slot.</summary>
    private long NextDue(int slot, long now)
    {
        var fraction = slot * GoldenRatio % 1;
        var phase = (long)(fraction * interval);
        var round = Math.DivRem(now - phase, interval, out var past);
        return (past < 0 ? round : round + 1) * interval + phase;
    }

    private sealed class Entry(T mailbox, int slot)
    {
        public T Mailbox { get; } = mailbox;

        public int Slot { get; } = slot;

        public bool Removed { get; set; }
    }
}
