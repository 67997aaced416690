using System.Diagnostics;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>Counts every mailbox of a store on one thread, as <c>inspect</c> and <c>recalc</c> do.</summary>
internal sealed class ScanLimit(Tree tree)
{
    private static readonly byte[] Header = "1099511627776S"u8.ToArray();

    public Reading Run() => Run(write: false);

    /// <summary>And replaces the ledger, as the peers do.</summary>
    public Reading Recalculate() => Run(write: true);

    private Timing Run(bool write)
    {
        var since = Stopwatch.GetTimestamp();
        var messages = 0L;
        foreach (var mailbox in tree.Mailboxes)
        {
            var path = BytePath.FromString(mailbox);
            var directory = MailboxDirectory.Find(path, followLinks: false, out _)!;
            var root = directory.Open(out _);
            var seen = write ? LedgerFile.Read(root, path, 0) : null;
            var usage = new MailboxCounter(CountingPolicy.MaildirPlusPlus, root, directory.Owner).Total()!.Value;
            if (seen is not null
                && LedgerFile.Replace(root, path, seen, Header, usage, insist: true).Outcome != LedgerOutcome.Written)
                throw new InvalidOperationException($"{mailbox}: not written");
            messages += usage.Messages;
            Files.Close(root);
        }

        return new Timing(Stopwatch.GetElapsedTime(since).TotalMicroseconds, messages);
    }
}
