using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>Everybody who changes a mailbox, by name; each call makes one small random change.</summary>
internal sealed class Writers : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly Maildrop maildrop = new();
    private readonly Dovecot dovecot = new();
    private readonly Exim exim;
    private int serial;

    public Writers(params MailboxFixture[] mailboxes)
    {
        exim = new Exim(mailboxes);
        All = new()
        {
            ["maildrop"] = (mailbox, random) => maildrop.Deliver(mailbox, Mail(random)),
            ["deliverquota"] = (mailbox, random) => maildrop.DeliverQuotaFromFile(mailbox, Mail(random)),
            ["deliverquota-pipe"] = (mailbox, random) => Maildrop.DeliverQuotaFromPipe(mailbox, Mail(random)),
            ["exim"] = (mailbox, random) => exim.Deliver(mailbox, Mail(random)),
            ["dovecot-lda"] = (mailbox, random) => dovecot.Deliver(mailbox, Mail(random)),
            ["dovecot-append"] = (mailbox, random) => dovecot.Append(mailbox, Mail(random)),
            ["dovecot-expunge"] = (mailbox, random) => dovecot.Expunge(mailbox, Some(random)),
            ["dovecot-move"] = (mailbox, random) => 
                dovecot.Move(mailbox, random.Next(2) == 0 ? "Sent" : "Trash", Some(random)),
            ["dovecot-flags"] = (mailbox, random) => dovecot.AddFlags(mailbox, @"\Deleted", Some(random)),
            ["courier-imap"] = (mailbox, random) => CourierImap.Say(
                mailbox,
                "SELECT INBOX",
                @"STORE 1 +FLAGS (\Deleted)",
                "COPY 2 INBOX.Sent",
                random.Next(2) == 0 ? "EXPUNGE" : "COPY 3 INBOX.Trash"),
            ["courier-pop"] = (mailbox, random) => CourierPop.DeleteFirst(mailbox, random.Next(1, 3)),
            ["cp"] = (mailbox, random) => FileCommands.Copy(Loose(random), Place(mailbox, random)),
            ["mv"] = (mailbox, random) => 
                Pick(mailbox, random, path => FileCommands.Move(path, Place(mailbox, random))),
            ["rm"] = (mailbox, random) => Pick(mailbox, random, path => FileCommands.Remove(path)),
            ["rsync"] = (mailbox, random) => 
                FileCommands.Synchronise(Bundle(random), Path.Combine(mailbox.Maildir, "new")),
            ["rsync-delete"] = (mailbox, random) =>
                FileCommands.Synchronise(Bundle(random), Path.Combine(mailbox.Maildir, ".Sent/cur"), "--delete"),
        };
    }

    public static IEnumerable<string> Names
    {
        get
        {
            using var none = new Writers();
            return [.. none.All.Keys];
        }
    }

    public Dictionary<string, Action<MailboxFixture, Random>> All { get; }

    /// <summary>A mailbox with something to take away: twenty messages in INBOX, some in Sent and Trash.</summary>
    public static MailboxFixture Mailbox(string limit = "100000000S", string name = "u1")
    {
        var mailbox = new MailboxFixture(limit + "\n0 0\n", name);
        mailbox.AddFolder("Sent");
        mailbox.AddFolder("Trash");
        for (var number = 0; number < 20; number++)
            mailbox.Put($"cur/{number}.start.h,S={500 + number}:2,S", 500 + number);
        for (var number = 0; number < 5; number++)
        {
            mailbox.Put($".Sent/cur/{number}.sent.h:2,S", 400 + number);
            mailbox.Put($".Trash/cur/{number}.trash.h,S=300:2,S", 300);
        }

        mailbox.WriteLedger($"{limit}\n{mailbox.Truth.Bytes} {mailbox.Truth.Messages}\n");
        return mailbox;
    }

    public void Dispose()
    {
        maildrop.Dispose();
        dovecot.Dispose();
        exim.Dispose();
        scratch.Dispose();
    }

    private static byte[] Mail(Random random) => Letter.OfSize(random.Next(200, 8000));

    /// <summary>doveadm's words for one or two messages, by number.</summary>
    private static string[] Some(Random random) => ["mailbox", "INBOX", $"{random.Next(1, 4)}:{random.Next(4, 6)}"];

    private static void Pick(MailboxFixture mailbox, Random random, Action<string> act)
    {
        var messages = mailbox.Messages(random.Next(4) == 0 ? "Sent" : "");
        if (messages.Length > 0)
            act(messages[random.Next(messages.Length)]);
    }

    /// <summary>A new name in a random place, with or without its size, sometimes where it does not count.</summary>
    private string Place(MailboxFixture mailbox, Random random)
    {
        string[] places = ["cur", "new", ".Sent/cur", ".Sent/new", ".Trash/cur"];
        var name = $"{Interlocked.Increment(ref serial)}.placed.h:2,S";
        return Path.Combine(mailbox.Maildir, places[random.Next(places.Length)], name);
    }

    private string Loose(Random random) => Write(scratch.Owned("loose"), random);

    private string Bundle(Random random)
    {
        var directory = scratch.Owned($"bundle{Interlocked.Increment(ref serial)}");
        for (var count = random.Next(1, 5); count > 0; count--)
            Write(directory, random);
        return directory;
    }

    private string Write(string directory, Random random)
    {
        var letter = Mail(random);
        var size = random.Next(2) == 0 ? $",S={letter.Length}" : "";
        var path = Path.Combine(directory, $"{Interlocked.Increment(ref serial)}.loose.h{size}:2,S");
        File.WriteAllBytes(path, letter);
        MailUser.Delivery.Own(path);
        return path;
    }
}
