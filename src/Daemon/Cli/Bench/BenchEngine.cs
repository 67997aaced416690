using System.Diagnostics;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>The real engine on the scratch store, and its meters.</summary>
internal sealed class BenchEngine : IDisposable
{
    /// <summary>Longer than this no ledger may stay wrong.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    private readonly BenchStore _store;
    private readonly TimeSpan _settle;

    private BenchEngine(BenchStore store, TimeSpan settle, MailWatch watch, BenchSink sink) =>
        (_store, _settle, Watch, Sink) = (store, settle, watch, sink);

    public MailWatch Watch { get; }

    public BenchSink Sink { get; }

    /// <summary>From nothing to every mailbox counted and its ledger judged.</summary>
    public TimeSpan StartTook { get; private init; }

    /// <summary>Starts the engine and waits until every mailbox has been judged.</summary>
    /// <param name="store">Where it looks.</param>
    /// <param name="settle">Its settle time.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <param name="instead">It is shown these places instead: none, to see what it costs without any mailbox.</param>
    public static async Task<BenchEngine> StartAsync(
        BenchStore store, TimeSpan settle, CancellationToken stop, Location[]? instead = null)
    {
        var sink = new BenchSink(Math.Max(1, store.Mailboxes.Count));
        var since = Stopwatch.GetTimestamp();
        var watch = MailWatch.Start(
            new MailWatchOptions
            {
                Accounting = new AccountantOptions { Settle = settle },
                Limit = new QuotaLimit(1L << 40, 0),
                Sinks = [sink],
            },
            out var obstacle);
        if (watch is null)
            throw new IOException(obstacle);
        try
        {
            await watch.Explore(instead ?? [store.Location]).WaitAsync(stop).ConfigureAwait(false);
            await watch.AllSettled().WaitAsync(stop).ConfigureAwait(false);
        }
        catch
        {
            watch.Dispose();
            throw;
        }

        return new BenchEngine(store, settle, watch, sink) { StartTook = Stopwatch.GetElapsedTime(since) };
    }

    /// <summary>Does something to the mailboxes and measures what that costs the engine.</summary>
    /// <param name="name">For the table.</param>
    /// <param name="work">Returns how many operations it was.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task<BenchRow> MeasureAsync(string name, Func<long> work, CancellationToken stop)
    {
        Sink.TakeLatencies();
        var (events, cpu, overflows) = (Watch.Events, EngineThreads.Microseconds(), Watch.Overflows);
        var since = Stopwatch.GetTimestamp();
        var operations = await Task.Run(work, stop).ConfigureAwait(false);
        var worked = Stopwatch.GetElapsedTime(since);
        var rightAfter = await AllRightAsync(stop).ConfigureAwait(false);

        // A mailbox whose total did not change was right all the time: let the engine come to rest before it is asked.
        await Task.Delay(_settle + Rest, stop).ConfigureAwait(false);
        events = Watch.Events - events;
        overflows = Watch.Overflows - overflows;
        var spent = EngineThreads.Microseconds() - cpu;
        var latencies = Sink.TakeLatencies();
        return new BenchRow(name)
        {
            Operations = operations,
            OperationsPerSecond = operations / worked.TotalSeconds,
            EventsPerSecond = events / worked.TotalSeconds,
            // After an overflow the time went into counting, not into events.
            CpuPerEvent = events > 0 && overflows == 0 ? spent / events : null,
            Latencies = [.. latencies.Select(milliseconds => milliseconds - _settle.TotalMilliseconds)],
            RightAfter = rightAfter?.TotalMilliseconds,
            Remark = (overflows == 0 ? "" : $"queue overflowed {overflows} times; ")
                + (rightAfter is null ? $"WRONG after {Patience.TotalSeconds} s" : ""),
        };
    }

    public void Dispose() => Watch.Dispose();

    /// <returns>How long it took; null when some ledger stayed wrong.</returns>
    private async Task<TimeSpan?> AllRightAsync(CancellationToken stop)
    {
        var since = Stopwatch.GetTimestamp();
        var first = 0;
        while (true)
        {
            // Those found right stay so: nobody writes any more.
            while (first < _store.Mailboxes.Count && Sink.IsRight(_store.Mailboxes[first]))
                first++;
            var took = Stopwatch.GetElapsedTime(since);
            if (first == _store.Mailboxes.Count)
                return took;
            if (took > Patience)
                return null;
            await Task.Delay(2, stop).ConfigureAwait(false);
        }
    }
}
