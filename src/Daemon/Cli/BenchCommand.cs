using System.Globalization;
using MaildirQuotaWatcher.Cli.Bench;
using MaildirQuotaWatcher.Config;
using Serilog;

namespace MaildirQuotaWatcher.Cli;

/// <summary>
/// The verb <c>bench</c>: the real engine on a scratch store, measured. Says only what was measured, and fails when a
/// ledger is wrong at the end.
/// </summary>
/// <remarks>
/// Implementation notes. Deletions come last, since file systems are slow for a while after many of them. The writers
/// are threads of this process, so they take processors from the engine as any writer does; the engine's own time is
/// that of its threads alone.
/// </remarks>
internal sealed class BenchCommand
{
    private static readonly TimeSpan Usual = new AccountantOptions().Settle;
    private readonly BenchTable _table = new();
    private readonly List<BenchRow> _rows = [];
    private readonly BenchOptions _options;
    private readonly BenchStore _store;
    private readonly BenchWork _work;
    private readonly CancellationToken _stop;
    private int _failures;

    private BenchCommand(BenchOptions options, BenchStore store, CancellationToken stop)
    {
        (_options, _store, _stop) = (options, store, stop);
        store.Fill(options, stop);
        _work = new BenchWork(store, options, stop);
    }

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken stop)
    {
        var log = Logging.ForWatch(LogLevel.Error);
        await using var _ = log.ConfigureAwait(false);
        Log.Logger = log;
        using var store = BenchStore.Open(options.Store, out var problem);
        if (store is null)
        {
            Log.Error("{Problem}", problem);
            return ExitCode.BadUsage;
        }

        return await Task.Run(() => new BenchCommand(options, store, stop).RunAsync(), stop).ConfigureAwait(false);
    }

    private async Task<int> RunAsync()
    {
        var messages = (long)_options.Mailboxes * _options.Messages;
        _table.Say($"{_options.Mailboxes} mailboxes, {_options.Folders} folders each, {Number(messages)} messages; "
            + $"{Environment.ProcessorCount} processors, Linux {Environment.OSVersion.Version}, "
            + $".NET {Environment.Version}, page cache warm");
        await StartsAsync(messages).ConfigureAwait(false);
        if (_options.Peers)
        {
            _table.Progress("recount by peers");
            _rows.AddRange(BenchPeers.Compare(_store, _stop));
        }

        await LatenciesAsync().ConfigureAwait(false);
        await ThroughputAsync().ConfigureAwait(false);

        var wrong = _store.CountWrong();
        _table.Write(_rows);
        _table.Say("p50, p99, max: from just before the rename of a delivery to the right maildirsize, less the settle "
            + "time, which the engine counts in whole milliseconds. CPU: the engine's threads alone.");
        _table.Say(wrong + _failures == 0
            ? $"ledger = truth in all {_options.Mailboxes} mailboxes at the end."
            : $"WRONG: {wrong} of {_options.Mailboxes} ledgers differ from the truth; {_failures} failures.");
        return wrong + _failures == 0 ? ExitCode.Fine : ExitCode.Failed;
    }

    private async Task StartsAsync(long messages)
    {
        long rss, heap;
        using (await BenchEngine.StartAsync(_store, Usual, _stop, idle: true).ConfigureAwait(false))
            (rss, heap) = Memory();
        foreach (var name in (string[])["first start, no ledgers", "restart, ledgers right"])
        {
            _table.Progress(name);
            using var engine = await BenchEngine.StartAsync(_store, Usual, _stop).ConfigureAwait(false);
            _rows.Add(new BenchRow(name)
            {
                Operations = messages,
                OperationsPerSecond = messages / engine.StartTook.TotalSeconds,
                RightAfter = engine.StartTook.TotalMilliseconds,
                Remark = $"messages counted; {Number(engine.Watch.Watches)} watches; "
                    + $"{Usual.TotalMilliseconds:N0} ms settle included",
            });
            var (rssNow, heapNow) = Memory();
            if (_rows.Count == 1)
                _rows.Add(new BenchRow("memory")
                {
                    Remark = $"RSS {rssNow >> 20} MB, without mailboxes {rss >> 20} MB; a mailbox takes "
                        + $"{Number((heapNow - heap) / _options.Mailboxes)} bytes of managed heap, "
                        + $"{Number((rssNow - rss) / _options.Mailboxes)} bytes RSS",
                });
            Judge(engine);
        }
    }

    private async Task LatenciesAsync()
    {
        using (var engine = await BenchEngine.StartAsync(_store, Usual, _stop).ConfigureAwait(false))
        {
            // Each mailbox comes to rest before it is its turn again.
            var rate = Math.Clamp(_work.Busy / (2 * Usual.TotalSeconds), 1, 1000);
            await MeasureAsync(engine, $"deliver, {rate:N0}/s, settle {Usual.TotalMilliseconds:N0} ms",
                () => _work.DeliverPaced(rate, engine.Sink)).ConfigureAwait(false);
            Judge(engine);
        }

        foreach (var milliseconds in (int[])[1, 0])
        {
            var settle = TimeSpan.FromMilliseconds(milliseconds);
            using var engine = await BenchEngine.StartAsync(_store, settle, _stop).ConfigureAwait(false);
            foreach (var rate in (int[])[100, 1000, 5000])
                await MeasureAsync(engine, $"deliver, {rate}/s, settle {milliseconds} ms",
                    () => _work.DeliverPaced(rate, engine.Sink)).ConfigureAwait(false);
            Judge(engine);
        }
    }

    private async Task ThroughputAsync()
    {
        using var engine = await BenchEngine.StartAsync(_store, Usual, _stop).ConfigureAwait(false);
        var (_, heap) = Memory();
        await MeasureAsync(engine, "deliver, unthrottled", _work.Deliver).ConfigureAwait(false);
        var delivered = _rows[^1].Operations ?? 0;
        var (_, heapNow) = Memory();
        if (delivered > 0)
            _rows.Add(new BenchRow("memory")
            {
                Remark = $"{(heapNow - heap) / (double)delivered:N1} bytes managed heap for each message delivered",
            });

        await MeasureAsync(engine, "flag changes", _work.ChangeFlags).ConfigureAwait(false);
        await MeasureAsync(engine, "copy in (as rsync)", _work.CopyIn).ConfigureAwait(false);
        if (_work.NoOverflow is { } obstacle)
        {
            _rows.Add(new BenchRow("overflow") { Remark = $"not measured: {obstacle}" });
        }
        else
        {
            await MeasureAsync(engine, "flood of renames", _work.Flood).ConfigureAwait(false);
            await MeasureAsync(engine, "flood, reader stalled", () => _work.FloodWhileStalled(engine.Watch))
                .ConfigureAwait(false);
        }

        await MeasureAsync(engine, "expunge", _work.Expunge).ConfigureAwait(false);
        await MeasureAsync(engine, "rm -r of folders (messages)", _work.RemoveFolders).ConfigureAwait(false);
        Judge(engine);
    }

    private async Task MeasureAsync(BenchEngine engine, string name, Func<long> work)
    {
        _table.Progress(name);
        _rows.Add(await engine.MeasureAsync(name, work, _stop).ConfigureAwait(false));
    }

    /// <summary>What the engine could not do is no result.</summary>
    private void Judge(BenchEngine engine)
    {
        _failures += engine.Sink.Failures;
        if (engine.Sink.Problem is { } problem)
            Log.Error("{Problem}", problem);
    }

    private static (long Rss, long Heap) Memory()
    {
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        return (Environment.WorkingSet, heap);
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
