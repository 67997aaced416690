using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Cli.Demo;

/// <summary>Keeps what the engine reports, for the screen. Any thread.</summary>
internal sealed class DemoSink : IChangeSink
{
    private readonly Lock _lock = new();
    private readonly List<UsageChange> _changes = [];
    private UsageChange? _last;

    /// <summary>What the engine believes to be in the mailbox.</summary>
    public Usage? Known
    {
        get
        {
            lock (_lock)
                return _last?.After;
        }
    }

    /// <summary>What was reported since this was asked last.</summary>
    public IReadOnlyList<UsageChange> Take()
    {
        lock (_lock)
        {
            var changes = _changes.ToArray();
            _changes.Clear();
            return changes;
        }
    }

    public void Accept(Mailbox mailbox, UsageChange change)
    {
        lock (_lock)
        {
            _changes.Add(change);
            _last = change;
        }
    }
}
