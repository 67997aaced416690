using System.Diagnostics;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;
using Serilog;

namespace MaildirQuotaWatcher.Cli.Demo;

/// <summary>
/// The verb <c>demo</c>: the real engine on a scratch mailbox, judged at every step by totals it has no part in.
/// </summary>
internal sealed class DemoCommand
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(150);

    /// <summary>
    /// So long may ledger and truth differ, or a script not run: a busy machine may take its time, and what it took is
    /// shown.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly DemoScreen _screen = new();
    private readonly DemoSink _sink = new();
    private readonly DemoMailbox _mailbox;
    private readonly string _letters;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _lettersRead;

    private DemoCommand(string scratch)
    {
        _mailbox = new DemoMailbox(scratch);
        _letters = Path.Combine(scratch, "warnings");
    }

    public static async Task<int> RunAsync(DemoOptions options, CancellationToken stop)
    {
        var log = Logging.ForWatch(LogLevel.Error);
        await using var _ = log.ConfigureAwait(false);
        Log.Logger = log;
        var scratch = Directory.CreateTempSubdirectory("maildir-quota-watcher-demo-").FullName;
        try
        {
            return await new DemoCommand(scratch).RunAsync(scratch, options, stop).ConfigureAwait(false);
        }
        finally
        {
            if (!options.Keep)
                Directory.Delete(scratch, recursive: true);
        }
    }

    private async Task<int> RunAsync(string scratch, DemoOptions options, CancellationToken stop)
    {
        DemoScript.Furnish(_mailbox);
        _screen.Open(_mailbox.Root);
        var warnings = new WarningService(RulesWith(WriteScript(scratch)), new WarningOptions(),
            WarningStore.Open(Path.Combine(scratch, "state"), Log.Logger), Log.Logger);
        await using var _ = warnings.ConfigureAwait(false);
        using var watch = MailWatch.Start(
            new MailWatchOptions
            {
                Accounting = new AccountantOptions { Settle = Settle },
                Limit = new QuotaLimit(DemoScript.Limit, 0),
                Workers = 1,
                Sinks = [_sink, new WarningSink(warnings)],
            },
            out var obstacle);
        if (watch is null)
        {
            _screen.Fail(obstacle!);
            return ExitCode.Failed;
        }

        var steps = DemoScript.For(_mailbox)
            .Prepend(new DemoStep("the daemon comes", "43 messages are there, but no maildirsize", () => { }))
            .ToArray();
        foreach (var (number, step) in steps.Index())
        {
            _screen.Begin(number, step.Title, step.Act);
            if (number == 0)
            {
                // Its first look may take its time; from then on the clock runs.
                await watch.Explore([Locations.OfMailbox(_mailbox.Root)]).ConfigureAwait(false);
                await watch.AllSettled().WaitAsync(stop).ConfigureAwait(false);
            }

            if (!await PlayAsync(step, stop).ConfigureAwait(false))
                return ExitCode.Failed;
            var left = (options.Duration ?? Usual) - _clock.Elapsed;
            if (left > TimeSpan.Zero && number < steps.Length - 1)
                await Task.Delay(left / (steps.Length - 1 - number), stop).ConfigureAwait(false);
        }

        _screen.Close(options.Keep ? _mailbox.Root : null);
        return ExitCode.Fine;
    }

    private async Task<bool> PlayAsync(DemoStep step, CancellationToken stop)
    {
        step.Do();
        var since = Stopwatch.StartNew();
        var truth = _mailbox.CountTruth();
        Usage? ledger;
        TimeSpan? equalAt = null;
        while (true)
        {
            ledger = _mailbox.AddUpLedger();
            equalAt = ledger == truth ? equalAt ?? since.Elapsed : null;
            // The engine has had its say only after a quiet moment: what is right at once may not stay so.
            var judged = _sink.Known == truth && since.Elapsed >= 2 * Settle;
            if ((judged && equalAt is not null) || since.Elapsed >= Patience)
                break;
            await Task.Delay(25, stop).ConfigureAwait(false);
        }

        var letters = await ReadLettersAsync(step.Warns, stop).ConfigureAwait(false);
        var result = new DemoResult(step.Title, _sink.Take(), ledger, _mailbox.LedgerLength, truth, letters,
            equalAt ?? since.Elapsed);
        _screen.End(result);
        var says = ledger is { } said ? said.ToString() : "nothing readable";
        if (!result.IsRight)
            _screen.Fail($"After {Patience.TotalSeconds} s maildirsize says {says}, the mailbox holds {truth}. On a "
                + "very busy machine try again; else this is a defect: please report it.");
        else if (step.Warns && letters.Count == 0)
            _screen.Fail($"The warning script did not run within {Patience.TotalSeconds} s. Is /bin/sh there?");
        else
            return true;
        return false;
    }

    private async Task<IReadOnlyList<string>> ReadLettersAsync(bool expected, CancellationToken stop)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            var lines = File.Exists(_letters) ? await File.ReadAllLinesAsync(_letters, stop).ConfigureAwait(false) : [];
            if (lines.Length > _lettersRead || !expected || since.Elapsed > Patience)
            {
                var news = lines[_lettersRead..];
                _lettersRead = lines.Length;
                return news;
            }

            await Task.Delay(25, stop).ConfigureAwait(false);
        }
    }

    private static WarningRules RulesWith(string[] command) => new(
    [
        WarningRule.OfPercent(QuotaResource.Storage, DemoScript.Percent, below: false, command),
        WarningRule.OfPercent(QuotaResource.Storage, DemoScript.Percent, below: true, command),
    ]);

    private string[] WriteScript(string scratch)
    {
        var script = Path.Combine(scratch, "quota-warning");
        File.WriteAllText(script, """
            # $1 where to write; then, as for every warning script, the percentage and the user
            echo "mail to $3: your mailbox is at $MQW_PERCENT %, $MQW_DIRECTION the mark of $2 %" >> "$1"

            """);
        return ["/bin/sh", script, _letters];
    }
}
