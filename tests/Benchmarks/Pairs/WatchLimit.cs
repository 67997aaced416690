using System.Diagnostics;
using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>Finds and watches every folder of the store on one thread, as a mailbox does when it is opened.</summary>
internal sealed class WatchLimit(Tree tree, SourceChoice source = SourceChoice.Inotify)
{
    public Reading Run()
    {
        // On a thread like a worker's.
        var reading = default(Reading);
        var thread = new Thread(() =>
        {
            OwnDirectory.Separate();
            reading = Watch();
        });
        thread.Start();
        thread.Join();
        return reading;
    }

    private Timing Watch()
    {
        var since = Stopwatch.GetTimestamp();
        var sources = new WatchSources(source, Inotify.Create(out _)!, [], Console.Error.WriteLine, Console.Error.WriteLine);
        using var scanner = new MailboxScanner(new ScanPace(background: false, perSecond: 0), new StatCrew());
        var names = new FolderNames(CountingPolicy.MaildirPlusPlus, new NameHash(1, 2));
        var number = 0;
        foreach (var mailbox in tree.Mailboxes)
        {
            var directory = MailboxDirectory.Find(BytePath.FromString(mailbox), followLinks: false, out _)!;
            var index = new MailboxIndex(CountingPolicy.MaildirPlusPlus, new NameHash(1, 2), null!, new FreshNames());
            var root = directory.Open(out _);
            var watches = new MailboxWatches(sources);
            watches.Choose(root, mailbox);
            new MailboxLayout(directory, index, names, scanner, watches, new WatchOwner(++number, 0))
                .Open(root, null, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
            Files.Close(root);
        }

        var took = Stopwatch.GetElapsedTime(since).TotalMicroseconds;
        var count = sources.Count;
        sources.Dispose();
        sources.Close();
        return new Timing(took, count);
    }
}
