using MaildirQuotaWatcher.Daemon.Tests.Mailboxes;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Daemon.Tests.Hostile;

/// <summary>Mailboxes that are not there yet, or have something else in their place.</summary>
public class AwaitedMailboxTests : HostileMailboxes
{
    [Fact]
    public void Watch_TwoAwaitedInOneDirectory_BothAreFound()
    {
        string[] awaited = [Path.Combine(Place, "first"), Path.Combine(Place, "second")];
        using var live = new LiveWatch(Limited, [.. awaited, Bystander]);

        foreach (var mailbox in awaited)
        {
            LiveWatch.MakeMaildir(mailbox);
            Deliver(mailbox);
            live.WaitUntil(mailbox, new Usage(10, 1));
        }

        CheckBystander(live);
    }

    [Theory]
    [InlineData("touch \"$1\"")]
    [InlineData("mkfifo \"$1\"")]
    [InlineData("ln -s nowhere \"$1\"")]
    [InlineData("ln -s first \"$1\"")]
    public void Watch_SomethingElseInItsPlace_IsFoundWhenItComes(string command)
    {
        var mailbox = Path.Combine(Place, "first");
        Shell(command, mailbox);
        using var live = new LiveWatch(Limited, mailbox, Bystander);
        CheckBystander(live);

        Shell("rm \"$1\"; mkdir -p \"$1\"/{tmp,new,cur}", mailbox);
        Deliver(mailbox);

        live.WaitUntil(mailbox, new Usage(10, 1));
    }
}
