using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Watching;
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

        var (isFine, rules) = await ServiceRules.LoadAsync(
            options.ConfigFile, options.IsCountingChosen, options.Mailboxes, stop).ConfigureAwait(false);
        if (!isFine)
        {
            Log.Error("nothing is recalculated by a configuration with errors; mend it, or count without it, by "
                + "--counting");
            return ExitCode.BadUsage;
        }

        var unfit = options.Mailboxes.Select(MaildirCheck.Problem).OfType<string>().ToArray();
        foreach (var problem in unfit)
            Log.Error("{Problem}", problem);

        var unknown = rules?.Unknown ?? new HashSet<string>();
        foreach (var mailbox in unknown)
            Log.Error("{Mailbox}: not recalculated, since nobody could say which limit and which folder rules apply to "
                + "it; mend the source of limits, or count without it, by --counting: the limit in the file stays",
                mailbox);

        Location[] locations =
        [
            .. options.Mailboxes.Where(mailbox => !unknown.Contains(mailbox))
                .Select(mailbox => OfMailbox(mailbox, rules)),
        ];
        var reporter = new ChangeReporter();
        var inOrder = new InOrder(reporter, locations.Select(location => location.Base));
        using var watch = MailWatch.Start(
            new MailWatchOptions
            {
                Accounting = new AccountantOptions
                {
                    Policy = rules?.Policy ?? MailWatchOptions.PolicyOf(options.Counting, options.TrustNames),
                },
                RulesOf = rules is null ? null : user => rules.Of.Values.First(of => of.User == user).Rules,
                Recalculate = true,
                Sinks = [inOrder],
            },
            out var obstacle);
        if (watch is null)
        {
            Log.Error("{Problem}", obstacle);
            return ExitCode.Failed;
        }

        await watch.Explore(locations).ConfigureAwait(false);
        await watch.AllSettled().WaitAsync(stop).ConfigureAwait(false);
        inOrder.Flush();
        return unfit.Length + reporter.Failures + reporter.Absent + unknown.Count > 0
            ? ExitCode.SomeFailed : ExitCode.Fine;
    }

    private static Location OfMailbox(string mailbox, ServiceRules? rules) =>
        rules is null
            ? Locations.OfMailbox(mailbox)
            : Locations.OfMailbox(mailbox) with { UserOf = (_, _) => rules.Of[mailbox].User };
}
