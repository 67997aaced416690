using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>A daemon that dies leaves a ledger that others can use, and its successor finds the truth.</summary>
public sealed class RestartBesideTests(ITestOutputHelper output)
{
    [Fact]
    public void Kill_WhileWritersWork_SuccessorIsRightAndTheFileWasAlwaysThere()
    {
        using var mailbox = Writers.Mailbox();
        using var writers = new Writers(mailbox);
        using var daemon = new Daemon([mailbox], Timing.Settle);
        using var sampler = new LedgerSampler(mailbox);
        var random = Timing.Random(output);
        string[] busy = ["maildrop", "dovecot-lda", "cp", "rm", "rsync"];
        for (var life = 0; life < 5; life++)
        {
            Change(30);
            daemon.Kill();
            Change(10);
            daemon.Restart();
            daemon.WaitUntilRight(Timing.Patience);
        }

        sampler.AssertNeverDisturbed();
        output.WriteLine($"killed 5 times, {sampler.Samples} samples");

        void Change(int times)
        {
            for (var change = 0; change < times; change++)
                writers.All[busy[random.Next(busy.Length)]](mailbox, random);
        }
    }

    [Fact]
    public void Stop_ByTerm_EndsWithZeroAndKeepsTheLedger()
    {
        using var mailbox = MailboxFixture.WithTwoMessages();
        using var daemon = new Daemon([mailbox], Timing.Settle);
        Assert.Equal(0, daemon.Stop());
        Assert.Equal("100000S\n1500 2\n", mailbox.Ledger.Text);
    }

    [Fact]
    public void Start_AfterChangesNobodySaw_IsRight()
    {
        using var mailbox = MailboxFixture.WithTwoMessages();
        using var daemon = new Daemon([mailbox], Timing.Settle);
        Assert.Equal(0, daemon.Stop());
        FileCommands.Remove(mailbox.Messages()[0]);
        mailbox.Put("new/3.c.h", 300);
        daemon.Restart();
        daemon.WaitUntilRight(Timing.Patience);
    }
}
