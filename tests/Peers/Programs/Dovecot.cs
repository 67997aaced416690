using System.Text;
using System.Text.Json;
using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Programs;

/// <summary>
/// Dovecot without its master process: dovecot-lda, doveadm and a pre-authenticated imap, each run as the delivery
/// user against one home directory. Without a quota rule the header of the file is the limit.
/// </summary>
internal sealed class Dovecot : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly string configuration;

    /// <param name="plugin">Further lines of the plugin section, such as a quota_rule.</param>
    public Dovecot(params string[] plugin)
    {
        scratch.Owned("run");
        scratch.Owned("state");
        configuration = Path.Combine(scratch.Location, "dovecot.conf");
        File.WriteAllText(configuration, Text(plugin));
    }

    /// <summary>dovecot-lda: the message appears first, the line 2-5 ms later.</summary>
    public void Deliver(MailboxFixture mailbox, byte[] letter, string folder = "INBOX") =>
        (Program(mailbox, "/usr/lib/dovecot/dovecot-lda", "-f", "a@peers.test", "-m", folder) with { Input = letter })
            .Run();

    /// <summary>doveadm expunge. The query is doveadm-search-query(7), such as <c>mailbox INBOX all</c>.</summary>
    public void Expunge(MailboxFixture mailbox, params string[] query) => Doveadm(mailbox, ["expunge", .. query]);

    public void Move(MailboxFixture mailbox, string folder, params string[] query) =>
        Doveadm(mailbox, ["move", folder, .. query]);

    public void Copy(MailboxFixture mailbox, string folder, params string[] query) =>
        Doveadm(mailbox, ["copy", folder, .. query]);

    public void AddFlags(MailboxFixture mailbox, string flags, params string[] query) =>
        Doveadm(mailbox, ["flags", "add", flags, .. query]);

    /// <summary>IMAP APPEND, to the byte: dovecot-lda would add header lines.</summary>
    public void Append(MailboxFixture mailbox, byte[] letter, string folder = "INBOX") =>
        ImapScript.Run(Program(mailbox, "/usr/lib/dovecot/imap"), ImapScript.Append(folder, letter));

    public void Recalculate(MailboxFixture mailbox) => Doveadm(mailbox, ["quota", "recalc"]);

    /// <summary>What Dovecot reads from the file: KiB rounded up, messages.</summary>
    public (long Kibibytes, long Messages) ReadQuota(MailboxFixture mailbox)
    {
        using var answer = JsonDocument.Parse(Doveadm(mailbox, ["quota", "get"], "-f", "json").Output);
        var rows = answer.RootElement.EnumerateArray()
            .ToDictionary(
                row => row.GetProperty("type").GetString()!,
                row => long.Parse(row.GetProperty("value").GetString()!));
        return (rows["STORAGE"], rows["MESSAGE"]);
    }

    public void Dispose() => scratch.Dispose();

    // A search that finds no such message ends with 68: somebody else was faster.
    private CommandOutput Doveadm(MailboxFixture mailbox, string[] verb, params string[] options) =>
        (Program(mailbox, "doveadm", [.. options, .. verb]) with { ExpectedExits = new HashSet<int> { 0, 68 } }).Run();

    private Command Program(MailboxFixture mailbox, string program, params string[] arguments) =>
        new(program, ["-c", configuration, .. arguments])
        {
            User = MailUser.Delivery,
            Environment = new Dictionary<string, string> { ["HOME"] = mailbox.Home, ["USER"] = mailbox.Name },
        };

    private string Text(string[] plugin) => $$"""
        base_dir = {{scratch.Location}}/run
        state_dir = {{scratch.Location}}/state
        log_path = /dev/stderr
        protocols = imap
        ssl = no
        first_valid_uid = 1
        first_valid_gid = 1
        mail_location = maildir:%h/Maildir
        mail_plugins = quota
        lda_mailbox_autocreate = yes
        postmaster_address = postmaster@peers.test
        hostname = peers.test
        namespace inbox {
          inbox = yes
          separator = /
        }
        plugin {
          quota = maildir:User quota
          {{string.Join("\n  ", plugin)}}
        }

        """;
}
