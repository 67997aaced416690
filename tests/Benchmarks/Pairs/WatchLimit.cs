using System.Diagnostics;
using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Cli.Bench;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>Finds and watches every folder of the store on one thread, as a mailbox does when it is opened.</summary>
internal sealed class WatchLimit(BenchStore store)
{
    public Timing Run()
    {
        using var inotify = Inotify.Create(out _)!;
        var since = Stopwatch.GetTimestamp();
        var table = new WatchTable(inotify, []);
        foreach (var mailbox in store.Mailboxes)
        {
            var directory = MailboxDirectory.Find(BytePath.FromString(mailbox.Path), followLinks: false, out _)!;
            var index = new MailboxIndex(CountingPolicy.MaildirPlusPlus, new NameHash(1, 2), null!, new FreshNames());
            var root = directory.Open(out _);
            new MailboxLayout(directory, index, table, new WatchOwner(mailbox.Number + 1, 0)).Open(root);
            Files.Close(root);
        }

        return new Timing(Stopwatch.GetElapsedTime(since).TotalMicroseconds, table.Count);
    }
}
