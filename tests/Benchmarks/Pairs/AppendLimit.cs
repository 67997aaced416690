using System.Diagnostics;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>Appends lines to a ledger; optionally with all that a comparison does around it.</summary>
internal sealed class AppendLimit(string directory, int times, bool whole)
{
    private const int LinesAFile = 150;

    public Reading Run()
    {
        var path = BytePath.FromString(directory);
        var mailbox = MailboxDirectory.Find(path, followLinks: false, out _)!;
        var took = TimeSpan.Zero;
        for (var done = 0; done < times; done += LinesAFile)
        {
            File.WriteAllText(Path.Combine(directory, "maildirsize"), "1000000000S\n");
            for (var i = 0; i < LinesAFile; i++)
                took += AppendOnce(mailbox, path);
        }

        File.Delete(Path.Combine(directory, "maildirsize"));
        return new Timing(took.TotalMicroseconds, times);
    }

    private TimeSpan AppendOnce(MailboxDirectory mailbox, BytePath path)
    {
        var since = Stopwatch.GetTimestamp();
        var root = mailbox.Open(out _);
        var seen = LedgerFile.Read(root, path, 0);
        if (!whole)
            since = Stopwatch.GetTimestamp();
        var write = LedgerFile.Append(root, path, seen, new UsageDelta(1234, 1), insist: false);
        var took = Stopwatch.GetElapsedTime(since);
        Files.Close(root);
        return write.Outcome == LedgerOutcome.Written
            ? took
            : throw new InvalidOperationException($"append: {write.Outcome} {write.Problem}");
    }
}
