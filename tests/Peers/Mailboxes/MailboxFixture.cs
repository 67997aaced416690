using MaildirQuotaWatcher.Peers.Judges;
using MaildirQuotaWatcher.Peers.Running;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Peers.Mailboxes;

/// <summary>One account: a home directory with a scratch Maildir, all owned by the delivery user.</summary>
internal sealed class MailboxFixture : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    /// <param name="ledger">The whole text of <c>maildirsize</c>; null for none.</param>
    /// <param name="name">The local part for Exim, the user name for Dovecot and Courier.</param>
    public MailboxFixture(string? ledger = "100000000S\n0 0\n", string name = "u1")
    {
        Name = name;
        Home = scratch.Owned("home");
        Maildir = scratch.Owned("home/Maildir");
        foreach (var part in (string[])["cur", "new", "tmp"])
            scratch.Owned($"home/Maildir/{part}");
        if (ledger is not null)
            WriteLedger(ledger);
    }

    public string Name { get; }

    public string Home { get; }

    /// <summary>The quota root.</summary>
    public string Maildir { get; }

    public string LedgerPath => Path.Combine(Maildir, "maildirsize");

    public Ledger Ledger =>
        Mailboxes.Ledger.Read(LedgerPath) ?? throw new FileNotFoundException("no ledger", LedgerPath);

    /// <summary>The judge's count, Courier's policy.</summary>
    public (long Bytes, long Messages) Truth => FindJudge.Count(Maildir);

    /// <summary>Whether the ledger is there and says the truth.</summary>
    public bool IsRight => Mailboxes.Ledger.Read(LedgerPath) is { } ledger && ledger.Usage == Truth;

    /// <summary>The mailbox of the vectors: 1000 bytes that the name says, 500 that it does not.</summary>
    public static MailboxFixture WithTwoMessages(string ledger = "100000S\n1500 2\n")
    {
        var mailbox = new MailboxFixture(ledger);
        mailbox.Put("cur/1.a.h,S=1000:2,S", 1000);
        mailbox.Put("cur/2.b.h:2,S", 500);
        return mailbox;
    }

    /// <summary>Sets the whole file in place, as the test's starting point: mode 0644, the delivery user's.</summary>
    public void WriteLedger(string text)
    {
        File.WriteAllText(LedgerPath, text);
        Own(LedgerPath);
        Syscall.chmod(LedgerPath, FilePermissions.DEFFILEMODE & ~(FilePermissions.S_IWGRP | FilePermissions.S_IWOTH));
    }

    /// <summary>Places a message without telling anybody. Path relative to the Maildir.</summary>
    public string Put(string relative, int bytes)
    {
        var path = Path.Combine(Maildir, relative);
        File.WriteAllBytes(path, Letter.OfSize(bytes));
        Own(path);
        return path;
    }

    /// <summary>Makes a Maildir++ folder, named without its dot.</summary>
    public void AddFolder(string name)
    {
        foreach (var part in (string[])["", "/cur", "/new", "/tmp"])
            scratch.Owned($"home/Maildir/.{name}{part}");
        var marker = Path.Combine(Maildir, $".{name}", "maildirfolder");
        File.WriteAllText(marker, "");
        Own(marker);
    }

    /// <summary>Paths of all messages in a folder's new/ and cur/; "" is INBOX.</summary>
    public string[] Messages(string folder = "")
    {
        var at = folder.Length == 0 ? Maildir : Path.Combine(Maildir, $".{folder}");
        return [.. new[] { "new", "cur" }.Select(part => Path.Combine(at, part)).Where(Directory.Exists)
            .SelectMany(Directory.GetFiles).Where(path => Path.GetFileName(path)[0] != '.')];
    }

    public void Dispose() => scratch.Dispose();

    private static void Own(string path) => MailUser.Delivery.Own(path);
}
