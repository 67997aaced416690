using System.Globalization;
using MaildirQuotaWatcher.Config;
using Serilog;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>
/// The verb <c>bench</c>: the real engine on a scratch store, measured. Says only what was measured, and fails when a
/// ledger is wrong at the end.
/// </summary>
/// <remarks>
/// Implementation notes. Each phase has fresh mailboxes; within the last one deletions come last. The writers are
/// threads of this process, so they take processors from the engine as any writer does; the engine's own time is that
/// of its threads alone.
/// </remarks>
internal sealed class BenchCommand
{
    /// <summary>Messages in each mailbox where their number does not matter to what is measured.</summary>
    private const int Enough = 100;

    private static readonly TimeSpan Usual = new AccountantOptions().Settle;
    private readonly BenchTable _table;
    private readonly List<BenchRow> _rows = [];
    private readonly BenchOptions _options;
    private readonly BenchStore _store;
    private readonly CancellationToken _stop;
    private int _failures;

    private BenchCommand(BenchOptions options, BenchStore store, CancellationToken stop)
    {
        (_options, _store, _stop) = (options, store, stop);
        _table = new BenchTable(options.Json);
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
            + $".NET {Environment.Version}, page cache warm unless it says cold");
        _table.Progress("making the store");
        _store.Fill(_options, _stop);
        await new BenchStarts(_store, _options, _rows, _stop).RunAsync(Judge).ConfigureAwait(false);
        if (_options.Peers)
        {
            _table.Progress("recount by peers");
            _rows.AddRange(BenchPeers.Compare(_store, _stop));
        }

        await LatenciesAsync().ConfigureAwait(false);
        await ThroughputAsync().ConfigureAwait(false);

        _table.Progress("counting what lies there");
        var wrong = _store.CountWrong();
        _table.Write(_rows);
        _table.Say("done: messages, deliveries or changes; events: records of the kernel; right after: from the last "
            + "change until every ledger was right, settle time included.");
        _table.Say("p50, p99, max: from just before the rename of a delivery to the right maildirsize, less the settle "
            + "time, which the engine counts in whole milliseconds. CPU: the engine's threads alone.");
        _table.Say(wrong + _failures == 0
            ? $"ledger = truth in all {_store.Count} mailboxes at the end."
            : $"WRONG: {wrong} of {_store.Count} ledgers differ from the truth; {_failures} failures.");
        return wrong + _failures == 0 ? ExitCode.Fine : ExitCode.Failed;
    }

    private async Task LatenciesAsync()
    {
        foreach (var settle in (TimeSpan[])[Usual, TimeSpan.FromMilliseconds(1), TimeSpan.Zero])
        {
            var work = BeginPhase();
            // With the usual settle time each mailbox comes to rest before it is its turn again.
            double[] rates = settle == Usual
                ? [Math.Clamp(Math.Floor(work.Busy / (2 * Usual.TotalSeconds)), 1, 1000)]
                : [100, 1000, 5000];
            using var engine = await BenchEngine.StartAsync(_store, settle, _stop).ConfigureAwait(false);
            foreach (var rate in rates)
                await MeasureAsync(engine, $"deliver, {rate:N0}/s wanted, settle {settle.TotalMilliseconds:N0} ms",
                    () => work.DeliverPaced(rate, engine.Sink)).ConfigureAwait(false);
            Judge(engine);
        }
    }

    private async Task ThroughputAsync()
    {
        var work = BeginPhase();
        using var engine = await BenchEngine.StartAsync(_store, Usual, _stop).ConfigureAwait(false);
        await MeasureAsync(engine, "deliver, unthrottled", work.Deliver).ConfigureAwait(false);
        await MeasureAsync(engine, "flag changes", work.ChangeFlags).ConfigureAwait(false);
        if (BenchPeers.Find("rsync") is { } rsync)
            await MeasureAsync(engine, "rsync into cur (messages)", () => work.CopyIn(rsync)).ConfigureAwait(false);
        else
            _rows.Add(new BenchRow("rsync into cur (messages)") { Remark = "not measured: rsync is not installed" });
        if (work.NoOverflow is { } obstacle)
        {
            _rows.Add(new BenchRow("overflow") { Remark = $"not measured: {obstacle}" });
        }
        else
        {
            await MeasureAsync(engine, "flood of renames", work.Flood).ConfigureAwait(false);
            await MeasureAsync(engine, "overflow: flood, reader stalled", () => work.FloodWhileStalled(engine.Watch))
                .ConfigureAwait(false);
        }

        await MeasureAsync(engine, "expunge", work.Expunge).ConfigureAwait(false);
        await MeasureAsync(engine, "rm -r of folders (messages)", work.RemoveFolders).ConfigureAwait(false);
        Judge(engine);
    }

    private BenchWork BeginPhase()
    {
        _table.Progress("making fresh mailboxes");
        _store.Fill(_options with { Messages = Math.Min(_options.Messages, Enough) }, _stop);
        return new BenchWork(_store, _options, _stop);
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

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
