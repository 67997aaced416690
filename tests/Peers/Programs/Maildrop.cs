using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Programs;

/// <summary>maildrop with a filter file, deliverquota and maildirmake. All as the delivery user.</summary>
internal sealed class Maildrop : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    /// <summary>maildrop: appends to the ledger first, then writes the message, then links it into new/.</summary>
    /// <param name="folder">Without its dot; "" is INBOX.</param>
    public void Deliver(MailboxFixture mailbox, byte[] letter, string folder = "") =>
        new Command("maildrop", Filter(mailbox, folder))
        {
            Input = letter,
            User = MailUser.Delivery,
            Environment = Home(mailbox),
        }.Run();

    /// <summary>deliverquota reading a pipe: appends, then links.</summary>
    /// <returns>The exit code: 0, or 77 when the mailbox is full.</returns>
    public static int DeliverQuotaFromPipe(MailboxFixture mailbox, byte[] letter, params string[] options) =>
        (DeliverQuota(mailbox, options) with { Input = letter }).Run().Exit;

    /// <summary>deliverquota reading a file: links, then appends through a descriptor opened before the copy.</summary>
    public int DeliverQuotaFromFile(MailboxFixture mailbox, byte[] letter, params string[] options)
    {
        var file = Path.Combine(scratch.Location, Path.GetRandomFileName());
        File.WriteAllBytes(file, letter);
        var exit = (DeliverQuota(mailbox, options) with { InputFile = file }).Run().Exit;
        File.Delete(file);
        return exit;
    }

    /// <summary>maildirmake -q: writes the header. The Maildir must exist, or maildirmake waits for ever.</summary>
    public static void SetLimit(MailboxFixture mailbox, string limit) =>
        new Command("maildirmake.maildrop", "-q", limit, mailbox.Maildir) { User = MailUser.Delivery }.Run();

    public void Dispose() => scratch.Dispose();

    private static Command DeliverQuota(MailboxFixture mailbox, string[] options) =>
        new("deliverquota.maildrop", [.. options, mailbox.Maildir])
        {
            User = MailUser.Delivery,
            Environment = Home(mailbox),
            ExpectedExits = new HashSet<int> { 0, 77 },
        };

    private static Dictionary<string, string> Home(MailboxFixture mailbox) => new() { ["HOME"] = mailbox.Home };

    private string Filter(MailboxFixture mailbox, string folder)
    {
        var path = Path.Combine(scratch.Location, $"{mailbox.Name}{folder}.filter");
        if (File.Exists(path))
            return path;
        var target = folder.Length == 0 ? mailbox.Maildir : $"{mailbox.Maildir}/.{folder}";
        File.WriteAllText(path, $"to \"{target}/\"\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        MailUser.Delivery.Own(path);
        return path;
    }
}
