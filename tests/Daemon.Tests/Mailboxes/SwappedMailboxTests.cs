using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>Mailboxes that take each other's place are followed under their new paths.</summary>
public class SwappedMailboxTests : IDisposable
{
    internal virtual SourceChoice Source => SourceChoice.Inotify;

    private readonly ScratchDirectory _scratch = new();

    private string First => Path.Combine(_scratch.FullName, "a");

    private string Second => Path.Combine(_scratch.FullName, "b");

    [Fact]
    public void Swap_AgainAndAgain_BothStayFollowed()
    {
        Make(First, 1);
        Make(Second, 2);
        using var live = new LiveWatch(new MailWatchOptions { Source = Source }, First, Second);
        for (var round = 0; round < 20; round++)
        {
            Directory.Move(First, Second + ".away");
            Directory.Move(Second, First);
            Directory.Move(Second + ".away", Second);
            var swapped = round % 2 == 0;
            live.WaitUntil(First, new Usage(0, swapped ? 2 : 1));
            live.WaitUntil(Second, new Usage(0, swapped ? 1 : 2));
        }
    }

    public void Dispose()
    {
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    private static void Make(string mailbox, int messages)
    {
        LiveWatch.MakeMaildir(mailbox);
        File.WriteAllText(Path.Combine(mailbox, "maildirsize"), $"1000S\n0 {messages}\n");
        for (var number = 0; number < messages; number++)
            File.WriteAllText(Path.Combine(mailbox, "cur", $"{number}.m,S=0:2,S"), "");
    }
}
