using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Warnings;
using Serilog;
using Serilog.Events;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The verb <c>watch</c>: the main job, without any configuration.</summary>
internal static class WatchCommand
{
    public static async Task<int> RunAsync(WatchOptions options, CancellationToken stop)
    {
        var log = Logging.ForWatch(LogLevel.Info);
        await using var _ = log.ConfigureAwait(false);
        Log.Logger = log;

        foreach (var mailbox in options.Create ? options.Mailboxes : [])
        {
            if (MaildirMaker.Make(mailbox) is not { } problem)
                continue;
            Log.Error("{Problem}", problem);
            return ExitCode.Failed;
        }

        var unfit = options.Mailboxes.Select(MaildirCheck.Problem).OfType<string>().ToArray();
        foreach (var problem in unfit)
            Log.Write(options.Once ? LogEventLevel.Error : LogEventLevel.Warning, "{Problem}{Awaited}",
                problem, options.Once ? "" : "; awaited");

        var reporter = new ChangeReporter();
        var store = options.Thresholds.Count > 0
            ? WarningStore.Open(options.StateDirectory ?? StatePlace.Default(), Log.Logger)
            : null;
        // Observing runs nothing: a threshold without a command is only logged.
        var thresholds = options.Observe
            ? [.. options.Thresholds.Select(threshold => threshold with { Command = [] })]
            : options.Thresholds;
        var warnings = new WarningService(new WarningRules(thresholds), new WarningOptions(), store, Log.Logger);
        await using var __ = warnings.ConfigureAwait(false);

        using var watch = MailWatch.Start(
            new MailWatchOptions
            {
                Accounting = new AccountantOptions
                {
                    Policy = MailWatchOptions.PolicyOf(options.Counting, options.TrustNames),
                    Settle = options.Settle,
                    Observe = options.Observe,
                },
                Limit = options.Limit,
                Background = !options.Once,
                Sinks = [reporter, new WarningSink(warnings)],
            },
            out var obstacle);
        if (watch is null)
        {
            Log.Error("{Problem}", obstacle);
            return ExitCode.Failed;
        }

        await watch.Explore([.. options.Mailboxes.Select(Locations.OfMailbox)]).ConfigureAwait(false);
        await ScanProgress.ShowAsync(watch, stop).ConfigureAwait(false);
        if (options.Once)
        {
            await warnings.DrainAsync(stop).ConfigureAwait(false);
            return reporter.Failures + unfit.Length > 0 ? ExitCode.SomeFailed : ExitCode.Fine;
        }

        Log.Information("watching {Count} of {Named} mailboxes with {Watches} kernel watches",
            watch.Count, options.Mailboxes.Count, watch.Watches);
        await UntilStopped(stop).ConfigureAwait(false);
        return ExitCode.Fine;
    }

    internal static async Task UntilStopped(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource();
        using var registration = stop.Register(stopped.SetResult);
        await stopped.Task.ConfigureAwait(false);
    }
}
