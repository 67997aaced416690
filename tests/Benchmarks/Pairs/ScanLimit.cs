using System.Diagnostics;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>Counts every mailbox of a store, as <c>inspect</c> and <c>recalc</c> do.</summary>
/// <param name="tree">The store.</param>
/// <param name="threads">Share out the mailboxes, or the messages of a mailbox that must be looked at.</param>
internal sealed class ScanLimit(Tree tree, int threads = 1)
{
    private static readonly byte[] Header = "1099511627776S"u8.ToArray();

    public Reading Run() => Run(write: false);

    /// <summary>And replaces the ledger, as the peers do.</summary>
    public Reading Recalculate() => Run(write: true);

    private Timing Run(bool write)
    {
        var since = Stopwatch.GetTimestamp();
        var messages = 0L;
        using var crew = threads > 1 && tree.Mailboxes.Count == 1 ? new StatCrew() : null;
        if (threads == 1 || crew is not null)
            foreach (var mailbox in tree.Mailboxes)
                messages += Count(mailbox, write, crew);
        else
            Parallel.ForEach(tree.Mailboxes, new ParallelOptions { MaxDegreeOfParallelism = threads },
                mailbox => Interlocked.Add(ref messages, Count(mailbox, write, null)));
        return new Timing(Stopwatch.GetElapsedTime(since).TotalMicroseconds, messages);
    }

    private static long Count(string mailbox, bool write, StatCrew? crew)
    {
        var path = BytePath.FromString(mailbox);
        var directory = MailboxDirectory.Find(path, followLinks: false, out _)!;
        var root = directory.Open(out _);
        var seen = write ? LedgerFile.Read(root, path, 0) : null;
        var usage = new MailboxCounter(CountingPolicy.MaildirPlusPlus, root, directory.Owner, crew).Total()!.Value;
        if (seen is not null
            && LedgerFile.Replace(root, path, seen, Header, usage, insist: true).Outcome != LedgerOutcome.Written)
            throw new InvalidOperationException($"{mailbox}: not written");
        Files.Close(root);
        return usage.Messages;
    }
}
