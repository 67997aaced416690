using System.Text;
using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Programs;

/// <summary>Courier's POP3 server, logged in already, on standard input and output.</summary>
internal static class CourierPop
{
    /// <summary>DELE for the first <paramref name="messages"/>, then QUIT: unlinks all, then one line.</summary>
    public static void DeleteFirst(MailboxFixture mailbox, int messages)
    {
        var script = string.Concat(Enumerable.Range(1, messages).Select(number => $"DELE {number}\r\n")) + "QUIT\r\n";
        new Command(Path.Combine(CourierFiles.Root, "usr/lib/courier/courier/courierpop3d"), "Maildir")
        {
            User = MailUser.Delivery,
            Directory = mailbox.Home,
            Environment = CourierFiles.LoggedIn(mailbox.Home, mailbox.Name),
            Input = Encoding.ASCII.GetBytes(script),
        }.Run();
    }
}
