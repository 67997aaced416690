using System.Diagnostics;
using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>Finds and watches every folder of the store on one thread, as a mailbox does when it is opened.</summary>
internal sealed class WatchLimit(Tree tree)
{
    public Reading Run()
    {
        using var inotify = Inotify.Create(out _)!;
        var since = Stopwatch.GetTimestamp();
        var table = new WatchTable(inotify, []);
        var number = 0;
        foreach (var mailbox in tree.Mailboxes)
        {
            var directory = MailboxDirectory.Find(BytePath.FromString(mailbox), followLinks: false, out _)!;
            var index = new MailboxIndex(CountingPolicy.MaildirPlusPlus, new NameHash(1, 2), null!, new FreshNames());
            var root = directory.Open(out _);
            new MailboxLayout(directory, index, table, new WatchOwner(0, ++number, 0)).Open(root);
            Files.Close(root);
        }

        return new Timing(Stopwatch.GetElapsedTime(since).TotalMicroseconds, table.Count);
    }
}
