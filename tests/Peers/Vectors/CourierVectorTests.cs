using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;

namespace MaildirQuotaWatcher.Peers.Vectors;

/// <summary>What Courier's servers append, with no daemon about. Starting point of each: 1000 and 500 bytes.</summary>
public sealed class CourierVectorTests
{
    private const string Both = "       -1500           -2";

    [Fact]
    public void Store_BothDeleted_SubtractsOneLineEach()
    {
        using var mailbox = MailboxFixture.WithTwoMessages();
        CourierImap.Run(mailbox, "SELECT INBOX", @"STORE 1:2 +FLAGS (\Deleted)");
        Assert.Equal(["1500 2", "       -1000           -1", "        -500           -1"], mailbox.Ledger.Lines);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void Store_DeletedAndTakenBack_AddsAgain()
    {
        using var mailbox = MailboxFixture.WithTwoMessages();
        CourierImap.Run(mailbox, "SELECT INBOX", @"STORE 1 +FLAGS (\Deleted)", @"STORE 1 -FLAGS (\Deleted)");
        Assert.Equal(["1500 2", "       -1000           -1", "        1000            1"], mailbox.Ledger.Lines);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void Expunge_AfterStore_AppendsNothingMore()
    {
        using var mailbox = MailboxFixture.WithTwoMessages();
        CourierImap.Run(mailbox, "SELECT INBOX", @"STORE 1 +FLAGS (\Deleted)", "EXPUNGE");
        Assert.Equal(["1500 2", "       -1000           -1"], mailbox.Ledger.Lines);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void Copy_BothToSent_AppendsOneLine()
    {
        using var mailbox = MailboxFixture.WithTwoMessages();
        mailbox.AddFolder("Sent");
        CourierImap.Run(mailbox, "SELECT INBOX", "COPY 1:2 INBOX.Sent");
        Assert.Equal(["1500 2", "        1500            2"], mailbox.Ledger.Lines);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void Copy_BothToTrash_AppendsNothing()
    {
        using var mailbox = MailboxFixture.WithTwoMessages();
        mailbox.AddFolder("Trash");
        CourierImap.Run(mailbox, "SELECT INBOX", "COPY 1:2 INBOX.Trash");
        Assert.Equal(["1500 2"], mailbox.Ledger.Lines);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void Delete_Folder_ReplacesTheFile()
    {
        using var mailbox = MailboxFixture.WithTwoMessages("100000S\n2500 3\n");
        mailbox.AddFolder("Sent");
        mailbox.Put(".Sent/cur/3.c.h,S=1000:2,S", 1000);
        var before = mailbox.Ledger.Inode;
        CourierImap.Run(mailbox, "DELETE INBOX.Sent");
        Assert.NotEqual(before, mailbox.Ledger.Inode);
        Assert.Equal("100000S\n        1500            2\n", mailbox.Ledger.Text);
    }

    [Fact]
    public void Append_ThroughImap_CountsTheFile()
    {
        using var mailbox = MailboxFixture.WithTwoMessages();
        CourierImap.Append(mailbox, Letter.OfSize(700));
        Assert.Equal(2, mailbox.Ledger.Lines.Length);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void Pop3_DeleteBoth_AppendsOneLine()
    {
        using var mailbox = MailboxFixture.WithTwoMessages();
        CourierPop.DeleteFirst(mailbox, 2);
        Assert.Equal(["1500 2", Both], mailbox.Ledger.Lines);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void GetQuota_OfALedger_ReportsItRoundedUp()
    {
        using var mailbox = MailboxFixture.WithTwoMessages("100000S\n8192 2\n4096 1\n");
        Assert.Equal(12, CourierImap.ReadQuota(mailbox));
    }
}
