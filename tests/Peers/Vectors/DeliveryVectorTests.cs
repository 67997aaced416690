using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;

namespace MaildirQuotaWatcher.Peers.Vectors;

/// <summary>What the delivery programs append, with no daemon about.</summary>
public sealed class DeliveryVectorTests
{
    private const string Padded700 = "         700            1";

    [Fact]
    public void Maildrop_OneLetter_AppendsPaddedLine()
    {
        using var maildrop = new Maildrop();
        using var mailbox = MailboxFixture.WithTwoMessages();
        maildrop.Deliver(mailbox, Letter.OfSize(700));
        Assert.Equal(["1500 2", Padded700], mailbox.Ledger.Lines);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void Maildrop_IntoTrash_AppendsWhatDoesNotCount()
    {
        using var maildrop = new Maildrop();
        using var mailbox = MailboxFixture.WithTwoMessages();
        mailbox.AddFolder("Trash");
        maildrop.Deliver(mailbox, Letter.OfSize(700), "Trash");
        Assert.Equal((2200L, 3L), mailbox.Ledger.Usage);
        Assert.Equal((1500L, 2L), mailbox.Truth);
    }

    [Fact]
    public void DeliverQuota_FromPipe_AppendsPaddedLine()
    {
        using var mailbox = MailboxFixture.WithTwoMessages();
        Assert.Equal(0, Maildrop.DeliverQuotaFromPipe(mailbox, Letter.OfSize(700)));
        Assert.Equal(["1500 2", Padded700], mailbox.Ledger.Lines);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void DeliverQuota_FromFile_AppendsPaddedLine()
    {
        using var maildrop = new Maildrop();
        using var mailbox = MailboxFixture.WithTwoMessages();
        Assert.Equal(0, maildrop.DeliverQuotaFromFile(mailbox, Letter.OfSize(700)));
        Assert.Equal(["1500 2", Padded700], mailbox.Ledger.Lines);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void MaildirMake_ANewLimit_WritesTheHeader()
    {
        using var mailbox = new MailboxFixture(ledger: null);
        Maildrop.SetLimit(mailbox, "10000000S,1000C");
        Assert.Equal("10000000S,1000C\n           0            0\n", mailbox.Ledger.Text);
    }

    [Fact]
    public void Exim_OneLetter_AppendsItsFileSize()
    {
        using var mailbox = MailboxFixture.WithTwoMessages();
        using var exim = new Exim(mailbox);
        exim.Deliver(mailbox, Letter.OfSize(700));
        var delivered = new FileInfo(Assert.Single(Directory.GetFiles(Path.Combine(mailbox.Maildir, "new"))));
        Assert.Equal(["1500 2", $"{delivered.Length} 1"], mailbox.Ledger.Lines);
        Assert.Contains($",S={delivered.Length}", delivered.Name, StringComparison.Ordinal);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void Exim_FullMailbox_Defers()
    {
        using var mailbox = new MailboxFixture("1000S\n1000 1\n");
        using var exim = new Exim(mailbox);
        mailbox.Put("cur/1.a.h,S=1000:2,S", 1000);
        Assert.NotNull(exim.TryDeliver(mailbox, Letter.OfSize(700)));
        Assert.Equal(["1000 1"], mailbox.Ledger.Lines);
    }
}
