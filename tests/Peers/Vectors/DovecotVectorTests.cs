using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;

namespace MaildirQuotaWatcher.Peers.Vectors;

/// <summary>What Dovecot 2.3 appends, with no daemon about. Starting point of each: 1000 and 500 bytes.</summary>
public sealed class DovecotVectorTests
{
    [Fact]
    public void Append_OneLetter_AppendsItsSize()
    {
        using var dovecot = new Dovecot();
        using var mailbox = MailboxFixture.WithTwoMessages();
        dovecot.Append(mailbox, Letter.OfSize(700));
        Assert.Equal(2, mailbox.Ledger.Lines.Length);
        Assert.Equal("1500 2", mailbox.Ledger.Lines[0]);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void Expunge_Both_AppendsOneLine()
    {
        using var dovecot = new Dovecot();
        using var mailbox = MailboxFixture.WithTwoMessages();
        dovecot.Expunge(mailbox, "mailbox", "INBOX", "all");
        Assert.Equal(["1500 2", "-1500 -2"], mailbox.Ledger.Lines);
    }

    [Fact]
    public void Copy_Both_AppendsOneLine()
    {
        using var dovecot = new Dovecot();
        using var mailbox = MailboxFixture.WithTwoMessages();
        mailbox.AddFolder("Sent");
        dovecot.Copy(mailbox, "Sent", "mailbox", "INBOX", "all");
        Assert.Equal((3000L, 4L), mailbox.Ledger.Usage);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void Move_Both_AppendsPlusAndMinus()
    {
        using var dovecot = new Dovecot();
        using var mailbox = MailboxFixture.WithTwoMessages();
        mailbox.AddFolder("Sent");
        dovecot.Move(mailbox, "Sent", "mailbox", "INBOX", "all");
        Assert.Equal((1500L, 2L), mailbox.Ledger.Usage);
        Assert.True(mailbox.Ledger.Lines.Length > 1);
    }

    [Fact]
    public void Move_BothToIgnoredTrash_OnlySubtracts()
    {
        using var dovecot = new Dovecot("quota_rule = Trash:ignore");
        using var mailbox = MailboxFixture.WithTwoMessages();
        mailbox.AddFolder("Trash");
        dovecot.Move(mailbox, "Trash", "mailbox", "INBOX", "all");
        Assert.Equal((0L, 0L), mailbox.Ledger.Usage);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void Flags_Deleted_AppendsNothing()
    {
        using var dovecot = new Dovecot();
        using var mailbox = MailboxFixture.WithTwoMessages();
        dovecot.AddFlags(mailbox, @"\Deleted", "mailbox", "INBOX", "all");
        Assert.Equal(["1500 2"], mailbox.Ledger.Lines);
        Assert.Equal((0L, 0L), mailbox.Truth);
    }

    [Fact]
    public void Expunge_OfWhatCourierFlagged_SubtractsTwice()
    {
        using var dovecot = new Dovecot();
        using var mailbox = MailboxFixture.WithTwoMessages();
        CourierImap.Run(mailbox, "SELECT INBOX", @"STORE 1 +FLAGS (\Deleted)");
        dovecot.Expunge(mailbox, "mailbox", "INBOX", "deleted");
        Assert.Equal(["1500 2", "       -1000           -1", "-1000 -1"], mailbox.Ledger.Lines);
        Assert.False(mailbox.IsRight);
    }

    [Fact]
    public void QuotaGet_AfterRemoval_StillBelievesTheFile()
    {
        using var dovecot = new Dovecot();
        using var mailbox = MailboxFixture.WithTwoMessages();
        FileCommands.Remove(mailbox.Messages());
        dovecot.AddFlags(mailbox, @"\Seen", "mailbox", "INBOX", "all");
        Assert.Equal((2L, 2L), dovecot.ReadQuota(mailbox));
        Assert.Equal((0L, 0L), mailbox.Truth);
    }

    [Fact]
    public void Recalculate_WrongLedger_ReplacesIt()
    {
        using var dovecot = new Dovecot();
        using var mailbox = MailboxFixture.WithTwoMessages("100000S\n9 1\n");
        dovecot.Recalculate(mailbox);
        Assert.Equal("100000S\n1500 2\n", mailbox.Ledger.Text);
    }
}
