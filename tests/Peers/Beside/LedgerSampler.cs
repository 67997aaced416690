using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>
/// Opens a ledger again and again from a thread of its own, as a delivery program might at any moment, and notes
/// every time that it is missing, empty, or not as it was in header, owner, group and mode.
/// </summary>
internal sealed class LedgerSampler : IDisposable
{
    private readonly MailboxFixture mailbox;
    private readonly Ledger first;
    private readonly List<string> complaints = [];
    private readonly Thread thread;
    private volatile bool ending;
    private int samples;

    public LedgerSampler(MailboxFixture mailbox)
    {
        this.mailbox = mailbox;
        first = mailbox.Ledger;
        thread = new Thread(Sample);
        thread.Start();
    }

    public int Samples => Volatile.Read(ref samples);

    /// <summary>Ends the sampling and fails when anything was noted.</summary>
    public void AssertNeverDisturbed()
    {
        Poll.Until(() => Samples > 100, Timing.Patience);
        Dispose();
        Assert.True(Samples > 100, $"only {Samples} samples");
        Assert.True(
            complaints.Count == 0,
            $"{complaints.Count} of {Samples} samples: {string.Join('\n', complaints.Take(10))}");
    }

    public void Dispose()
    {
        ending = true;
        thread.Join();
    }

    private void Sample()
    {
        while (!ending)
        {
            samples++;
            if (Complaint(Ledger.Read(mailbox.LedgerPath)) is { } complaint)
                complaints.Add(complaint);
            // A pace, not a wait: the writers need the processors, too.
            Thread.Sleep(1);
        }
    }

    private string? Complaint(Ledger? ledger) => ledger switch
    {
        null => "missing",
        { Text: "" } => "empty",
        _ when ledger.Header != first.Header => $"header {ledger.Header}",
        _ when ledger.Lines.Length == 0 => "header only",
        _ when (ledger.Uid, ledger.Gid, ledger.Mode) != (first.Uid, first.Gid, first.Mode) =>
            $"owner {ledger.Uid}:{ledger.Gid}, mode {ledger.Mode}",
        _ => null,
    };
}
