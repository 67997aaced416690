using MaildirQuotaWatcher.Accounting;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>A worker of a watch in the middle of something, until it may go on or this is disposed. It must have a
/// mailbox that was judged.</summary>
internal sealed class BusyWorker : IChangeSink, IDisposable
{
    private readonly ManualResetEventSlim _began = new();
    private readonly ManualResetEventSlim _ended = new();

    public BusyWorker(MailWatch watch)
    {
        watch.Repeat(this);
        LiveWatch.WaitFor(() => _began.IsSet, () => "the worker does nothing");
    }

    public void GoOn() => _ended.Set();

    public void Accept(Mailbox mailbox, UsageChange change)
    {
        _began.Set();
        _ended.Wait();
    }

    public void Dispose() => GoOn();
}
