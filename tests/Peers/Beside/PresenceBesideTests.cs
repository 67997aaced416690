using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>
/// At no moment is the ledger missing, empty, or another's: each would be a mail outage. In rounds, so that the daemon
/// replaces the file before a writer has to: Exim and Dovecot may unlink it when they do.
/// </summary>
public sealed class PresenceBesideTests(ITestOutputHelper output)
{
    private static readonly string[] Busy = ["maildrop", "exim", "dovecot-lda", "deliverquota", "cp", "rm", "rsync"];

    [Fact]
    public void Ledger_WhileAllWrite_IsAlwaysThereAndTheSameUsers()
    {
        using var mailbox = Writers.Mailbox();
        using var writers = new Writers(mailbox);
        using var daemon = new Daemon([mailbox], Timing.Settle);
        using var sampler = new LedgerSampler(mailbox);
        var random = Timing.Random(output);
        var record = new LedgerRecord(mailbox);
        for (var round = 0; round < 15; round++)
        {
            for (var change = 0; change < 30; change++)
                writers.All[Busy[random.Next(Busy.Length)]](mailbox, random);
            daemon.WaitUntilRight(Timing.Patience);
            record.Look(lines: 30);
        }

        // How far the writers' lines reach is chance; this makes it long enough to be replaced in any case.
        var missing = Math.Max(0, 4200 - new FileInfo(mailbox.LedgerPath).Length);
        File.AppendAllText(mailbox.LedgerPath, string.Concat(Enumerable.Repeat("0 0\n", (int)missing / 4)));
        Assert.True(
            Poll.Until(() => new FileInfo(mailbox.LedgerPath).Length < 1000, Timing.Patience),
            daemon.Log());
        daemon.WaitUntilRight(Timing.Patience);
        record.Look(lines: 2000);

        sampler.AssertNeverDisturbed();
        output.WriteLine($"{sampler.Samples} samples, {record.Replacements} replacements seen");
        Assert.True(record.Replacements > 0, "never replaced: the test shows nothing");
    }

    [Fact]
    public void Ledger_OfAForeignHeader_KeepsItsBytes()
    {
        const string Header = "10000C,100000000S";
        using var mailbox = new MailboxFixture(Header + "\n0 0\n");
        using var daemon = new Daemon([mailbox], Timing.Settle);
        using var maildrop = new Maildrop();
        var record = new LedgerRecord(mailbox);
        for (var round = 0; round < 6; round++)
        {
            for (var count = 0; count < 40; count++)
                maildrop.Deliver(mailbox, Letter.OfSize(300));
            FileCommands.Remove(mailbox.Messages()[0]);
            daemon.WaitUntilRight(Timing.Patience);
            record.Look(lines: 40);
            Assert.Equal(Header, mailbox.Ledger.Header);
        }

        Assert.True(record.Replacements > 0, "never replaced: the test shows nothing");
    }

    [Fact]
    public void Ledger_InObserveMode_IsNotWritten()
    {
        using var mailbox = MailboxFixture.WithTwoMessages("100000S\n7 1\n");
        using var right = MailboxFixture.WithTwoMessages();
        using var daemon = new Daemon([mailbox], ["--observe", .. Timing.Settle]);
        using var fence = new Daemon([right], Timing.Settle);
        right.Put("cur/3.c.h:2,S", 600);
        fence.WaitUntilRight(Timing.Patience);
        Assert.Equal(0, daemon.Stop());
        Assert.Equal("100000S\n7 1\n", mailbox.Ledger.Text);
    }
}
