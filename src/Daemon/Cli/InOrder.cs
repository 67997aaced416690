using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Cli;

/// <summary>
/// Hands on what is found in the order in which the mailboxes were named, whichever was done first: two runs print
/// alike. Safe from any thread.
/// </summary>
/// <param name="sink">Gets the changes, one at a time.</param>
/// <param name="order">Roots of the mailboxes; what is of no other place is handed on at once.</param>
internal sealed class InOrder(IChangeSink sink, IEnumerable<BytePath> order) : IChangeSink
{
    private readonly Lock _lock = new();
    private readonly Dictionary<BytePath, int> _places =
        order.Distinct().Select((path, place) => (path, place)).ToDictionary(each => each.path, each => each.place);

    private readonly SortedDictionary<int, List<(Mailbox Mailbox, UsageChange Change)>> _held = [];
    private int _next;

    public void Accept(Mailbox mailbox, UsageChange change)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(mailbox.Path, out var place) || place < _next)
            {
                sink.Accept(mailbox, change);
                return;
            }

            if (!_held.TryGetValue(place, out var held))
                _held.Add(place, held = []);
            held.Add((mailbox, change));
            while (_held.Remove(_next, out var turn))
            {
                HandOn(turn);
                _next++;
            }
        }
    }

    /// <summary>Hands on what waits for a mailbox that never came.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            foreach (var held in _held.Values)
                HandOn(held);
            _held.Clear();
            _next = int.MaxValue;
        }
    }

    private void HandOn(List<(Mailbox Mailbox, UsageChange Change)> held)
    {
        foreach (var (mailbox, change) in held)
            sink.Accept(mailbox, change);
    }
}
