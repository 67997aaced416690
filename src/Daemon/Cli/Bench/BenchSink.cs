using System.Diagnostics;
using System.Globalization;
using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>
/// Hears what the engine reports, right after it wrote a ledger, and keeps the time that took. Any thread.
/// </summary>
internal sealed class BenchSink(int mailboxes) : IChangeSink
{
    private readonly Slot[] _slots = [.. Enumerable.Range(0, mailboxes).Select(_ => new Slot())];
    private readonly Lock _lock = new();
    private readonly List<double> _milliseconds = [];

    /// <summary>Reports of a ledger that could not be read or written.</summary>
    public int Failures { get; private set; }

    /// <summary>The last of them, for people.</summary>
    public string? Problem { get; private set; }

    /// <summary>Notes that a mailbox will hold this much from that moment on. Only while mailboxes grow.</summary>
    public void Expect(int mailbox, Usage usage, long stamp)
    {
        lock (_slots[mailbox])
            _slots[mailbox].Awaited.Enqueue((usage.Messages, stamp));
    }

    /// <summary>True when the ledger was last reported to say that.</summary>
    public bool IsRight(BenchMailbox mailbox)
    {
        lock (_slots[mailbox.Number])
            return _slots[mailbox.Number].Known == mailbox.Usage;
    }

    /// <summary>Milliseconds from each expected change to the right ledger, since asked last; sorted.</summary>
    public double[] TakeLatencies()
    {
        lock (_lock)
        {
            _milliseconds.Sort();
            var all = _milliseconds.ToArray();
            _milliseconds.Clear();
            return all;
        }
    }

    public void Accept(Mailbox mailbox, UsageChange change)
    {
        var now = Stopwatch.GetTimestamp();
        if (change.Action is LedgerAction.Failed or LedgerAction.Contested)
        {
            lock (_lock)
                (Failures, Problem) = (Failures + 1, change.Problem);
            return;
        }

        var slot = _slots[int.Parse(mailbox.User.AsSpan(1), CultureInfo.InvariantCulture)];
        lock (slot)
        {
            slot.Known = change.After;
            lock (_lock)
                while (slot.Awaited.TryPeek(out var awaited) && awaited.Messages <= change.After.Messages)
                    _milliseconds.Add(Stopwatch.GetElapsedTime(slot.Awaited.Dequeue().Stamp, now).TotalMilliseconds);
        }
    }

    private sealed class Slot
    {
        public Queue<(long Messages, long Stamp)> Awaited { get; } = new();

        public Usage? Known { get; set; }
    }
}
