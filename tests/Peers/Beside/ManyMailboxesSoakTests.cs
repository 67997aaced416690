using MaildirQuotaWatcher.Peers.Judges;
using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>Twenty mailboxes and every real writer at random for minutes; at the end three judges must agree.</summary>
public sealed class ManyMailboxesSoakTests(ITestOutputHelper output)
{
    private const int Mailboxes = 20;

    [Fact]
    public void EveryWriter_ForMinutes_AllLedgersAreRight()
    {
        output.WriteLine($"seed {Timing.Seed}, {Timing.Soak.TotalSeconds} s (MQW_SEED, MQW_SOAK_SECONDS)");
        var mailboxes = Enumerable.Range(1, Mailboxes)
            .Select(number => Writers.Mailbox("104857600S", $"u{number}")).ToArray();
        try
        {
            using var writers = new Writers(mailboxes);
            using var daemon = new Daemon(mailboxes, ["--limit", "100M", .. Timing.Settle]);
            var crowd = new Crowd(writers, mailboxes, Timing.Seed);
            crowd.Work(Timing.Soak);
            var took = daemon.WaitUntilRight(Timing.Patience);
            output.WriteLine($"{crowd}\nall right after {took.TotalMilliseconds:0} ms");
            AssertJudgesAgree(mailboxes);
            crowd.AssertDeliveriesSucceeded();
        }
        finally
        {
            foreach (var mailbox in mailboxes)
                mailbox.Dispose();
        }
    }

    private static void AssertJudgesAgree(MailboxFixture[] mailboxes)
    {
        using var dovecot = new Dovecot();
        var inspections = Inspection.Of(mailboxes);
        Assert.All(mailboxes, mailbox =>
        {
            var truth = mailbox.Truth;
            var inspection = inspections[mailbox.Maildir];
            Assert.True(inspection.Sound);
            Assert.Equal(truth, inspection.Mailbox);
            Assert.Equal(truth, inspection.Ledger);
            Assert.Equal((Kibibytes(truth.Bytes), truth.Messages), dovecot.ReadQuota(mailbox));
        });

        // Courier's imapd takes more than a second to start: two mailboxes stand for all.
        Assert.All(
            mailboxes.Take(2),
            mailbox => Assert.Equal(Kibibytes(mailbox.Truth.Bytes), CourierImap.ReadQuota(mailbox)));

        static long Kibibytes(long bytes) => (bytes + 1023) / 1024;
    }
}
