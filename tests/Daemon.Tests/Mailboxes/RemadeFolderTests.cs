using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>A folder removed and made again at once: ext4 gives the new directories the old ones' inodes.</summary>
public sealed class RemadeFolderTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Folder_RemovedAndMadeAgain_IsFollowed()
    {
        var mailbox = Path.Combine(_scratch.FullName, "Maildir");
        LiveWatch.MakeMaildir(mailbox);
        var sent = Path.Combine(mailbox, ".Sent");
        LiveWatch.MakeMaildir(sent);
        File.WriteAllText(Path.Combine(mailbox, "maildirsize"), "1000000S\n0 0\n");
        using var watch = new LiveWatch(LiveWatch.Counting(CountingPolicy.MaildirPlusPlus), mailbox);
        for (var round = 1; round <= 30; round++)
        {
            Directory.Delete(sent, recursive: true);
            LiveWatch.MakeMaildir(sent);
            watch.Settle();
            File.WriteAllText(Path.Combine(sent, "cur", $"{round}.one,S={round}:2,"), "");
            watch.WaitUntil(mailbox, new Usage(round, 1));
        }
    }
}
