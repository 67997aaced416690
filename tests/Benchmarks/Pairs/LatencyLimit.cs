using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Benchmarks.Service;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>
/// From the rename of a delivery to its line in the ledger: the whole engine without settle time against
/// <c>listen.c</c>, which appends without looking. Both hear the same writer, <c>deliver.c</c>, a process of its own.
/// Each side has a store of its own, since the limit lets ledgers grow for ever.
/// </summary>
internal sealed class LatencyLimit(Tree ofC, Tree ofOurs, string scratch, int rate, double seconds)
{
    private readonly string _stamps = Path.Combine(scratch, "stamps");

    /// <returns>p50, p99, microseconds; for an unlimited rate microseconds a delivery instead.</returns>
    public Reading C()
    {
        var numbers = new CProgram("listen",
            [ofC.Root, ofC.Mailboxes.Count, Tools.C("deliver"), .. Words(ofC)]).Numbers();
        return numbers[4] != 0
            ? throw new InvalidOperationException("the queue of listen.c overflowed")
            : rate == 0 ? new Reading([seconds * 1e6 / numbers[3]], 0) : new Reading(numbers[..2], 0);
    }

    /// <inheritdoc cref="C"/>
    public Reading Ours()
    {
        var sink = new Sink();
        using var watch = MailWatch.Start(
            new MailWatchOptions
            {
                Accounting = new AccountantOptions { Settle = TimeSpan.Zero },
                Sinks = [sink],
            },
            out var problem) ?? throw new IOException(problem);
        watch.Explore([Location()]).Wait();
        watch.AllSettled().Wait();
        var before = ofOurs.Mailboxes.ToDictionary(Path.GetFullPath, mailbox => sink.Last(mailbox).Messages);
        sink.Reports.Clear();
        Tools.Run(Tools.C("deliver"), [.. Words(ofOurs).Select(word => Convert.ToString(word, CultureInfo.InvariantCulture)!)]);

        var (took, deliveries) = Join(sink, before);
        return watch.Overflows > 0
            ? throw new InvalidOperationException("our queue overflowed")
            : rate == 0
                ? new Reading([seconds * 1e6 / deliveries], 0)
                : new Reading([Tools.Percentile(took, 0.5), Tools.Percentile(took, 0.99)], 0);
    }

    private object[] Words(Tree tree) => [tree.Root, tree.Mailboxes.Count, rate, seconds, _stamps];

    private Location Location() => new(
        BytePath.FromString(ofOurs.Root), [new Match(null), new Match("Maildir"u8.ToArray())], (names, _) => names[0]);

    /// <summary>The n-th delivery to a mailbox is right when its ledger was reported with n messages more.</summary>
    private (List<double> Took, int Deliveries) Join(Sink sink, Dictionary<string, long> before)
    {
        var stamps = File.ReadLines(_stamps)
            .Select(line => line.Split(' '))
            .GroupBy(words => ofOurs.Mailboxes[int.Parse(words[0], CultureInfo.InvariantCulture)],
                words => long.Parse(words[1], CultureInfo.InvariantCulture))
            .ToDictionary(group => group.Key, group => group.ToArray());
        var deliveries = stamps.Values.Sum(of => of.Length);
        var since = Stopwatch.GetTimestamp();
        while (stamps.Any(of => sink.Last(of.Key).Messages < before[of.Key] + of.Value.Length))
        {
            if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(30))
                throw new InvalidOperationException("a delivery is in no ledger");
            Thread.Sleep(5);
        }

        List<double> took = [];
        foreach (var reports in sink.Reports.GroupBy(report => report.Mailbox))
        {
            var done = 0;
            foreach (var (_, messages, stamp) in reports)
                for (; done < messages - before[reports.Key]; done++)
                    took.Add((stamp - stamps[reports.Key][done]) / 1000.0); // CLOCK_MONOTONIC on both sides
        }

        return took.Count == deliveries
            ? (took, deliveries)
            : throw new InvalidOperationException($"{took.Count} of {deliveries} deliveries reported");
    }

    private sealed class Sink : IChangeSink
    {
        private readonly ConcurrentDictionary<string, Usage> _last = new();

        public ConcurrentQueue<(string Mailbox, long Messages, long Stamp)> Reports { get; } = new();

        public Usage Last(string mailbox) => _last[mailbox];

        public void Accept(Mailbox mailbox, UsageChange change)
        {
            var now = Stopwatch.GetTimestamp();
            if (change.Action is LedgerAction.Failed or LedgerAction.Contested)
                throw new InvalidOperationException(change.Problem);
            Reports.Enqueue((mailbox.Path.Display, change.After.Messages, now));
            _last[mailbox.Path.Display] = change.After;
        }
    }

    private sealed record Match(byte[]? Literal) : INameMatch
    {
        public bool Matches(ReadOnlySpan<byte> name) => Literal is null || name.SequenceEqual(Literal);
    }
}
