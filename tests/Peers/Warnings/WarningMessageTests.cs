using MaildirQuotaWatcher.Peers.Beside;
using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;
using MaildirQuotaWatcher.Peers.Running;
using MaildirQuotaWatcher.Testing.Messages;

namespace MaildirQuotaWatcher.Peers.Warnings;

/// <summary>The message of quota-warning, delivered by the real programs, read as a mail program would.</summary>
public sealed class WarningMessageTests : IDisposable
{
    private const string Full = "1000S\n2000 2\n";
    private readonly ScratchDirectory scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void Exim_AsSendmail_DeliversWithAnEmptySender()
    {
        using var mailbox = new MailboxFixture();
        using var exim = new Exim(mailbox);
        using var script = new QuotaWarning("deliver = sendmail", $"sendmail = {exim.Sendmail}", "language = de");
        AssertFine(script.Warn(mailbox, "u1@peers.test"));
        AssertMessage(mailbox);
        Assert.Contains(" <= <> ", exim.Said(), StringComparison.Ordinal);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void DovecotLda_FullMailbox_DeliversAllTheSame()
    {
        using var mailbox = new MailboxFixture(Full);
        using var dovecot = new DovecotUsers(mailbox);
        using var script = new QuotaWarning("deliver = dovecot-lda", $"dovecot_lda = {dovecot.Lda}", "language = de");
        AssertFine(script.Warn(mailbox, "u1@peers.test"));
        AssertMessage(mailbox);
    }

    [Fact]
    public void DovecotLda_FullMailboxWithItsQuota_RefusesAndTheScriptSaysSo()
    {
        using var mailbox = new MailboxFixture(Full);
        using var dovecot = new DovecotUsers(mailbox);
        using var script = new QuotaWarning(
            "deliver = dovecot-lda", $"dovecot_lda = {dovecot.Lda}",
            "dovecot_option = plugin/quota=maildir:User quota");
        var end = script.Warn(mailbox, "u1@peers.test");
        Assert.Equal(1, end.Exit);
        Assert.Contains("dovecot-lda failed for u1@peers.test", end.Errors, StringComparison.Ordinal);
        Assert.Empty(mailbox.Messages());
    }

    [Fact]
    public void DovecotsScriptService_WithItsEmptyEnvironment_IsEnough()
    {
        using var mailbox = new MailboxFixture("100000S\n0 0\n");
        var core = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var runtime = Path.GetFullPath(Path.Combine(core, "../../.."));
        using var script = new QuotaWarning(
            "deliver = maildir", $"mailbox = {mailbox.Maildir}",
            $"inspect = env DOTNET_ROOT={runtime} {Repository.DaemonBinary} inspect --json");
        using var dovecot = new DovecotUsers(mailbox, script.Command);
        dovecot.Deliver(Letter.OfSize(85_000));
        var warned = Path.Combine(mailbox.Maildir, "new");
        Assert.True(
            Poll.Until(() => Directory.GetFiles(warned, "quota-warning.*").Length == 1, TimeSpan.FromSeconds(60)),
            dovecot.Log());
        var message = new MailText(File.ReadAllBytes(Assert.Single(Directory.GetFiles(warned, "quota-warning.*"))));
        Assert.Equal("Your mailbox is 85% full", message["Subject"]);
        Assert.Equal("u1@peers.test", message["To"]);
        Assert.Contains("is in INBOX. The largest folders:", message.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Maildrop_ToAUser_Delivers()
    {
        using var mailbox = new MailboxFixture();
        using var script = new QuotaWarning(
            "deliver = maildrop", $"maildrop = {MaildropFor(mailbox)}", "language = de", "domain = peers.test");
        AssertFine(script.Warn(mailbox, "u1"));
        AssertMessage(mailbox);
        Assert.True(mailbox.IsRight);
    }

    [Fact]
    public void Maildrop_FullMailbox_RefusesAndTheScriptSaysSo()
    {
        using var mailbox = new MailboxFixture(Full);
        mailbox.Put("cur/1.a.h,S=2000:2,S", 2000);
        using var script = new QuotaWarning("deliver = maildrop", $"maildrop = {MaildropFor(mailbox)}");
        var end = script.Warn(mailbox, "u1");
        Assert.Equal(1, end.Exit);
        Assert.Contains("maildrop failed for u1", end.Errors, StringComparison.Ordinal);
        Assert.Single(mailbox.Messages());
    }

    [Fact]
    public void Daemon_CrossingBy_Cp_PutsOneMessageIntoTheMailbox()
    {
        using var mailbox = new MailboxFixture("100000S\n0 0\n");
        using var script = new QuotaWarning("deliver = maildir", "domain = peers.test");
        using var daemon = new Daemon([mailbox], ["--warn", "80,95", "--exec", script.Command, .. Timing.Settle]);
        var letter = Path.Combine(scratch.Location, "letter");
        File.WriteAllBytes(letter, Letter.OfSize(85_000));
        MailUser.Delivery.Own(letter);
        FileCommands.Copy(letter, Path.Combine(mailbox.Maildir, "cur/1.copied.h:2,S"));
        Assert.True(
            Poll.Until(() => Directory.GetFiles(mailbox.Maildir + "/new").Length == 1, TimeSpan.FromSeconds(60)),
            daemon.Log());
        // the message itself changes the usage: counted, and no reason for another
        Assert.True(Poll.Until(() => mailbox.IsRight, TimeSpan.FromSeconds(60)), daemon.Log());
        var message = new MailText(File.ReadAllBytes(Assert.Single(Directory.GetFiles(mailbox.Maildir + "/new"))));
        Assert.Equal("Your mailbox is 85% full", message["Subject"]);
        Assert.Equal("<>", message["Return-Path"]);
    }

    private static void AssertFine(CommandOutput end) => Assert.True(end.Exit == 0, end.Errors + end.Output);

    private static MailText AssertMessage(MailboxFixture mailbox)
    {
        var message = new MailText(File.ReadAllBytes(Assert.Single(mailbox.Messages())));
        Assert.Equal("Ihr Postfach ist voll", message["Subject"]);
        Assert.Equal("auto-generated", message["Auto-Submitted"]);
        Assert.Equal("bulk", message["Precedence"]);
        Assert.Equal("<w1.quota-warning@peers.test>", message["Message-ID"]);
        Assert.Matches(@"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$", message["Date"]);
        Assert.Contains("4,2 GB von 5,2 GB liegen in Entwürfe.", message.Text, StringComparison.Ordinal);
        return message;
    }

    // maildrop -d asks the system for the home: this one sees a passwd of its own.
    private string MaildropFor(MailboxFixture mailbox)
    {
        var passwd = Path.Combine(scratch.Location, "passwd");
        File.WriteAllLines(passwd,
        [
            "root:x:0:0::/root:/bin/sh",
            $"u1:x:{MailUser.Delivery.Uid}:{MailUser.Delivery.Gid}::{mailbox.Home}:/bin/sh",
        ]);
        var filter = Path.Combine(mailbox.Home, ".mailfilter");
        File.WriteAllText(filter, "to \"Maildir/\"\n");
        File.SetUnixFileMode(filter, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        MailUser.Delivery.Own(filter);
        var program = Path.Combine(scratch.Location, "maildrop");
        File.WriteAllText(program,
            "#!/bin/sh\n"
            + $"exec unshare -m sh -c 'mount --bind {passwd} /etc/passwd && exec maildrop \"$@\"' sh \"$@\"\n");
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        return program;
    }
}
