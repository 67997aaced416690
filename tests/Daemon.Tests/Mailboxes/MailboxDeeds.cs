using static MaildirQuotaWatcher.Daemon.Tests.Mailboxes.LiveWatch;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>What is done to a mailbox that nobody looks at just now, by name; it has <c>.Sent</c> and one message with
/// its size.</summary>
internal static class MailboxDeeds
{
    public static readonly Dictionary<string, Action<string>> Common = new()
    {
        ["message removed"] = mailbox => File.Delete(Path.Combine(mailbox, "cur/1.sized,S=1000:2,")),
        ["flag changed"] = mailbox => File.Move(
            Path.Combine(mailbox, "cur/1.sized,S=1000:2,"), Path.Combine(mailbox, "cur/1.sized,S=1000:2,T")),
        ["folder added"] = mailbox =>
        {
            MakeMaildir(Path.Combine(mailbox, ".More"));
            Write(mailbox, ".More/new/3.more,S=11", 11);
        },
        ["folder removed"] = mailbox => Directory.Delete(Path.Combine(mailbox, ".Sent"), recursive: true),
        ["folder renamed"] = mailbox =>
            Directory.Move(Path.Combine(mailbox, ".Sent"), Path.Combine(mailbox, ".Other")),
        ["folder now trash"] = mailbox =>
            Directory.Move(Path.Combine(mailbox, ".Sent"), Path.Combine(mailbox, ".Trash")),
    };
}
