using MaildirQuotaWatcher.Config;
using Serilog;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The verb <c>recalc</c>: counts everything and replaces the ledger.</summary>
internal static class RecalcCommand
{
    public static async Task<int> RunAsync(RecalcOptions options, CancellationToken stop)
    {
        var log = Logging.ForWatch(LogLevel.Info);
        await using var _ = log.ConfigureAwait(false);
        Log.Logger = log;

        var reporter = new ChangeReporter();
        using var watch = MailWatch.Start(
            new MailWatchOptions
            {
                Accounting = new AccountantOptions
                {
                    Policy = MailWatchOptions.PolicyOf(options.Counting, options.TrustNames),
                },
                Recalculate = true,
                Sinks = [reporter],
            },
            out var obstacle);
        if (watch is null)
        {
            Log.Error("{Problem}", obstacle);
            return ExitCode.Failed;
        }

        await watch.Explore([.. options.Mailboxes.Select(Locations.OfMailbox)]).ConfigureAwait(false);
        var missing = 0;
        foreach (var mailbox in options.Mailboxes)
        {
            if (Directory.Exists(Path.Combine(mailbox, "cur")))
                continue;
            Log.Error("{Mailbox}: is not a Maildir: it has no cur", mailbox);
            missing++;
        }

        await watch.AllSettled().WaitAsync(stop).ConfigureAwait(false);
        return missing + reporter.Failures > 0 ? ExitCode.SomeFailed : ExitCode.Fine;
    }
}
