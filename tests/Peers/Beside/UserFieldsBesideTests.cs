using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>
/// One passwd-file with a user's own quota fields, read by Dovecot and by us, one mailbox: what one of them writes is
/// what the other would, so neither replaces it.
/// </summary>
public sealed class UserFieldsBesideTests : IDisposable
{
    private const string User = "home";
    private const string Rules = "quota_rule = *:storage=100K:messages=50\nquota_rule2 = Trash:ignore";

    private readonly MailboxFixture mailbox = new(ledger: null);

    public UserFieldsBesideTests()
    {
        mailbox.AddFolder("Trash");
        mailbox.AddFolder("Junk");
        mailbox.Put("cur/1.a.h,S=300:2,S", 300);
        mailbox.Put(".Trash/cur/1.b.h,S=5000:2,S", 5000);
        mailbox.Put(".Junk/cur/1.c.h,S=70:2,S", 70);
    }

    public void Dispose() => mailbox.Dispose();

    [Theory]
    [InlineData("", "102400S,50C", 370)]
    [InlineData("userdb_quota_rule=*:storage=20K", "20480S", 370)]
    [InlineData("userdb_quota_rule=*:messages=7", "7C", 370)]
    [InlineData("userdb_quota_rule2=Junk:ignore", "102400S,50C", 5300)]
    [InlineData("userdb_quota_rule3=Junk:ignore", "102400S,50C", 300)]
    [InlineData("userdb_quota_rule3=*:storage=20K", "20480S,50C", 370)]
    [InlineData("userdb_quota_rule5=Junk:ignore", "102400S,50C", 370)]
    [InlineData("userdb_quota_rule2=*:storage=20K userdb_quota_rule3=Junk:ignore", "20480S,50C", 5300)]
    public void Fields_OfOneUser_MeanTheSame(string fields, string header, long bytes)
    {
        using var dovecot = new DovecotUsers(mailbox, user: User, fields: fields, plugin: Rules);
        dovecot.Recalculate();
        var theirs = mailbox.Ledger;
        Assert.Equal((header, bytes), (theirs.Header, theirs.Usage.Bytes));

        using var service = new Service($"""
            [mailboxes]
            locations = {Path.GetDirectoryName(mailbox.Home)}/%n/Maildir
            [quota]
            counting = dovecot
            {Rules}
            [limits]
            source = passwd-file:{dovecot.UsersFile}
            """);
        // The same file still: what they wrote is right.
        Assert.Equal(theirs, mailbox.Ledger);

        File.Delete(mailbox.LedgerPath);
        Assert.True(Poll.Until(
            () => Ledger.Read(mailbox.LedgerPath) is { } ours && ours.Header == header && ours.Usage.Bytes == bytes,
            TimeSpan.FromSeconds(60)), service.Log);
        var inode = mailbox.Ledger.Inode;
        dovecot.Deliver(Letter.OfSize(1000));
        Assert.Equal((header, inode), (mailbox.Ledger.Header, mailbox.Ledger.Inode));
    }
}
