using System.Diagnostics;
using MaildirQuotaWatcher.Cli.Bench;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>Counts every mailbox of the store on one thread, as <c>inspect</c> does.</summary>
internal sealed class ScanLimit(BenchStore store)
{
    public Timing Run()
    {
        var since = Stopwatch.GetTimestamp();
        var messages = 0L;
        foreach (var mailbox in store.Mailboxes)
        {
            var path = BytePath.FromString(mailbox.Path);
            var directory = MailboxDirectory.Find(path, followLinks: false, out _)!;
            var root = directory.Open(out _);
            var counter = new MailboxCounter(CountingPolicy.MaildirPlusPlus, root, directory.Owner);
            messages += counter.Total()!.Value.Messages;
            Files.Close(root);
        }

        return new Timing(Stopwatch.GetElapsedTime(since).TotalMicroseconds, messages);
    }
}
