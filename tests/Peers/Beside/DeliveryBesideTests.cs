using System.Diagnostics;
using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>Beside a program that keeps the ledger itself the daemon has nothing to append.</summary>
public sealed class DeliveryBesideTests(ITestOutputHelper output)
{
    [Fact]
    public void Maildrop_ManyDeliveries_NoLineFromTheDaemon()
    {
        using var mailbox = new MailboxFixture();
        using var maildrop = new Maildrop();
        AssertNothingAppended(mailbox, letter => maildrop.Deliver(mailbox, letter));
    }

    [Fact]
    public void Exim_ManyDeliveries_NoLineFromTheDaemon()
    {
        using var mailbox = new MailboxFixture();
        using var exim = new Exim(mailbox);
        AssertNothingAppended(mailbox, letter => exim.Deliver(mailbox, letter));
    }

    private void AssertNothingAppended(MailboxFixture mailbox, Action<byte[]> deliver)
    {
        var random = Timing.Random(output);
        using var daemon = new Daemon([mailbox], Timing.Settle);
        var record = new LedgerRecord(mailbox);
        var clock = Stopwatch.StartNew();
        for (var count = 0; count < Timing.Deliveries; count++)
        {
            deliver(Letter.OfSize(random.Next(200, 5000)));
            record.Look(lines: 1);
        }

        var delivering = clock.Elapsed;
        var settled = daemon.WaitUntilRight(Timing.Patience);
        record.Look(lines: 0);
        var said = daemon.Log().Split('\n');
        var appended = said.Count(line => line.Contains("; appended ", StringComparison.Ordinal));
        var replaced = said.Count(line => line.Contains("; replaced ", StringComparison.Ordinal));
        output.WriteLine($"{Timing.Deliveries} deliveries in {delivering.TotalSeconds:0.0} s; "
            + $"lines written by the daemon: {record.ForeignLines}; by its own word: {appended}; "
            + $"files replaced: {record.Replacements}, by the daemon's word: {replaced}; "
            + $"right after {settled.TotalMilliseconds:0} ms");
        Assert.Equal(Timing.Deliveries, mailbox.Truth.Messages);
        Assert.True(appended == 0, daemon.Log());
        Assert.True(record.ForeignLines == 0, $"{record.ForeignLines} lines from the daemon\n{daemon.Log()}");
    }
}
