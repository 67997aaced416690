using System.Diagnostics;
using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Cli.Bench;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>Finds and watches every folder of the store on one thread, as a mailbox does when it is opened.</summary>
internal sealed class WatchLimit(BenchStore store, SourceChoice source = SourceChoice.Inotify)
{
    public Timing Run()
    {
        var since = Stopwatch.GetTimestamp();
        var sources = new WatchSources(source, Inotify.Create(out _)!, [], Console.Error.WriteLine, Console.Error.WriteLine);
        var watches = new MailboxWatches(sources);
        foreach (var mailbox in store.Mailboxes)
        {
            var directory = MailboxDirectory.Find(BytePath.FromString(mailbox.Path), followLinks: false, out _)!;
            var index = new MailboxIndex(CountingPolicy.MaildirPlusPlus, new NameHash(1, 2), null!, new FreshNames());
            var root = directory.Open(out _);
            watches.Choose(root, mailbox.Path);
            new MailboxLayout(directory, index, watches, new WatchOwner(mailbox.Number + 1, 0)).Open(root);
            Files.Close(root);
        }

        var took = Stopwatch.GetElapsedTime(since);
        var count = source == SourceChoice.Fanotify ? sources.OfFanotify : sources.Count;
        sources.Dispose();
        sources.Close();
        return new Timing(took.TotalMicroseconds, count);
    }
}
