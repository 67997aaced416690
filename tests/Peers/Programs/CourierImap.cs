using System.Text.RegularExpressions;
using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Programs;

/// <summary>Courier's imapd, pre-authenticated on standard input and output. Starting takes it 1.2 s.</summary>
internal static partial class CourierImap
{
    public static void Append(MailboxFixture mailbox, byte[] letter, string folder = "INBOX") =>
        Run(mailbox, ImapScript.Append(folder, letter));

    /// <summary>Runs IMAP commands in one session. Courier's folders are named <c>INBOX.Sent</c>.</summary>
    /// <returns>All the server said.</returns>
    public static string Run(MailboxFixture mailbox, params string[] commands) =>
        ImapScript.Run(Server(mailbox), commands);

    /// <summary>The same where others may have taken the messages away: refusals do not matter.</summary>
    public static void Say(MailboxFixture mailbox, params string[] commands) =>
        ImapScript.Say(Server(mailbox), commands);

    /// <summary>What Courier reads from the file: KiB rounded up.</summary>
    public static long ReadQuota(MailboxFixture mailbox)
    {
        var answer = Run(mailbox, "GETQUOTA \"ROOT\"");
        var storage = Storage().Match(answer);
        return storage.Success
            ? long.Parse(storage.Groups[1].Value)
            : throw new InvalidOperationException($"no STORAGE in {answer}");
    }

    private static Command Server(MailboxFixture mailbox) =>
        new(Path.Combine(CourierFiles.Root, "usr/bin/imapd"), "Maildir")
        {
            User = MailUser.Delivery,
            Directory = mailbox.Home,
            Environment = new Dictionary<string, string>(CourierFiles.LoggedIn(mailbox.Home, mailbox.Name))
            {
                ["IMAP_CAPABILITY"] = "IMAP4rev1 QUOTA",
                ["IMAP_TRASHFOLDERNAME"] = "Trash",
            },
        };

    [GeneratedRegex(@"STORAGE (-?\d+) ")]
    private static partial Regex Storage();
}
