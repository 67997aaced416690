using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;

namespace MaildirQuotaWatcher.Peers.Vectors;

/// <summary>How given ledgers are read and treated. The mailbox really holds 1500 bytes in 2 messages.</summary>
public sealed class LedgerReadingTests
{
    private const string Rebuilt = "100000S\n1500 2\n";
    private const string RebuiltPadded = "100000S\n        1500            2\n";

    [Theory]
    [InlineData("100000S\n8192 2\n", 8, 2, null)]
    [InlineData("100000S\n        8192            2\n", 8, 2, null)]
    [InlineData("100000S\n", 0, 0, null)]
    [InlineData("100000S\n8192 2\n-4096 -1\n", 4, 1, null)]
    [InlineData("100000S\n8192 2\n4096 1", 8, 2, null)]
    [InlineData("100000S\n4096 1\n-8192 -2\n", 2, 2, Rebuilt)]
    [InlineData("100000S\n8192 2\n\n", 2, 2, Rebuilt)]
    [InlineData("100000S\n8192 2\nhello\n", 2, 2, Rebuilt)]
    [InlineData("100000S\n100000 2\n1 0\n", 2, 2, Rebuilt)]
    public void Dovecot_GivenLedger_ReadsOrRebuilds(string given, long kibibytes, long messages, string? after)
    {
        using var dovecot = new Dovecot();
        using var mailbox = MailboxFixture.WithTwoMessages(given);
        Assert.Equal((kibibytes, messages), dovecot.ReadQuota(mailbox));
        Assert.Equal(after ?? given, mailbox.Ledger.Text);
    }

    [Theory]
    [InlineData(5119, false)]
    [InlineData(5120, true)]
    public void Dovecot_LedgerOfLength_RebuildsFrom5120(int length, bool rebuilds)
    {
        using var dovecot = new Dovecot();
        using var mailbox = MailboxFixture.WithTwoMessages(OfLength(length));
        Assert.Equal(rebuilds ? 2 : 10, dovecot.ReadQuota(mailbox).Kibibytes);
        Assert.Equal(rebuilds, mailbox.Ledger.Text == Rebuilt);
    }

    [Theory]
    [InlineData("100000S\n8192 2\n", "100000S\n8192 2\n         700            1\n")]
    [InlineData("100000S\n", "100000S\n         700            1\n")]
    [InlineData("100000S\n8192 2\nhello\n", "100000S\n8192 2\nhello\n         700            1\n")]
    [InlineData("100000S\n4096 1\n-8192 -2\n", RebuiltPadded + "         700            1\n")]
    [InlineData("100000S\n100000 2\n1 0\n", RebuiltPadded + "         700            1\n")]
    public void DeliverQuota_GivenLedger_AppendsOrRebuilds(string given, string after)
    {
        using var mailbox = MailboxFixture.WithTwoMessages(given);
        Assert.Equal(0, Maildrop.DeliverQuotaFromPipe(mailbox, Letter.OfSize(700)));
        Assert.Equal(after, mailbox.Ledger.Text);
    }

    [Fact]
    public void DeliverQuota_OverWithOneFreshLine_Refuses()
    {
        using var mailbox = MailboxFixture.WithTwoMessages("100000S\n100001 2\n");
        Assert.Equal(77, Maildrop.DeliverQuotaFromPipe(mailbox, Letter.OfSize(700)));
        Assert.Equal("100000S\n100001 2\n", mailbox.Ledger.Text);
    }

    [Theory]
    [InlineData(5119, 10)]
    [InlineData(5120, 0)]
    public void CourierGetQuota_LedgerOfLength_ReportsNothingFrom5120(int length, long kibibytes)
    {
        using var mailbox = MailboxFixture.WithTwoMessages(OfLength(length));
        Assert.Equal(kibibytes, CourierImap.ReadQuota(mailbox));
    }

    /// <summary>8192 bytes in two messages, then lines `1 0`, the last of them padded to the exact length.</summary>
    private static string OfLength(int length)
    {
        var text = "100000S\n8192 2\n";
        while (text.Length + 8 <= length)
            text += "1 0\n";
        return text + "1 0\n".PadLeft(length - text.Length);
    }
}
