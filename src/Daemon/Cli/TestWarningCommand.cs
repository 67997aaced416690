using MaildirQuotaWatcher.Cli.Explain;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Users;
using MaildirQuotaWatcher.Warnings;
using Serilog;

namespace MaildirQuotaWatcher.Cli;

/// <summary>
/// The verb <c>test-warning</c>: runs the command of a warning for real, with the user's figures of now. Nothing is
/// remembered of it.
/// </summary>
internal static class TestWarningCommand
{
    public static async Task<int> RunAsync(TestWarningOptions options, CancellationToken stop)
    {
        if (await SettingsOnConsole.LoadAsync(options.ConfigFile).ConfigureAwait(false) is not { } settings)
            return ExitCode.BadUsage;
        var log = Logging.ForWatch(LogLevel.Info);
        await using var _ = log.ConfigureAwait(false);
        if (Whom.Find(settings, options.Whom, out var problem) is not [var whom, ..])
            return Fail(log, problem!);
        var (known, obstacle) = await MailboxFacts.GatherAsync(settings, whom, stop).ConfigureAwait(false);
        if (known is null)
            return Fail(log, obstacle!);
        if (!known.IsKnown)
            return Fail(log, $"what applies to {whom.User} is not known: {string.Join("; ", known.Troubles)}");
        if (Choose(known, options.Threshold) is not var (root, rule, part))
        {
            var there = string.Join(", ", known.Quota.Roots.SelectMany(root => root.Warnings).Select(w => w.Key));
            return Fail(log, $"there is no warning {options.Threshold}; " + (there.Length == 0
                ? "none is configured: write for example quota_warning = storage=80% /usr/local/bin/quota-warning"
                : $"there are {there}"));
        }

        var group = root.IsGroup ? root.GroupOf(whom.User) : null;
        var subject = group is null
            ? new WarningSubject(QuotaSink.KeyOf(whom.Path, root), whom.User, whom.Path, root.Key)
            : new WarningSubject(QuotaSink.KeyOfGroup(root, group), group, "", root.Key);
        var sum = group is null ? null : known.GroupSum(root.Root, group);
        var usage = sum?.Usage ?? (group is null ? known.UsageOf(root) : Usage.Zero);
        var due = new DueWarning(
            DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000, subject,
            new Warning(rule, part, usage, sum?.Limit ?? known.LimitOf(root)))
        {
            Largest = DueWarning.LargestOf([.. known.Folders.Select(entry => (entry.Folder.Display, entry.Usage))]),
        };
        if (ScriptCall.Of(due, (due.Warning.Usage, due.Warning.Limit), out var error) is not { } call)
            return Fail(log, error!);

        log.Information("{Command} {Arguments}", call.Target.ToString(), string.Join(' ', call.Arguments));
        using var runner = new ScriptRunner(RunCommand.OptionsOf(settings.Warnings), log);
        if (!await runner.RunAsync(call, static () => { }).ConfigureAwait(false))
            return ExitCode.Failed;
        log.Information(call.Target.Kind is TargetKind.Unix or TargetKind.Tcp
            ? "handed over: Dovecot runs it, and its log says how it went"
            : "it has run");
        return ExitCode.Fine;
    }

    /// <summary>The warning that is meant: a percentage over, or its whole limit as it is configured.</summary>
    private static (UserRoot Root, WarningRule Rule, WarningPart Part)? Choose(Explanation known, string threshold)
    {
        var wanted = threshold.Replace("%%", "%", StringComparison.Ordinal).TrimStart('+');
        foreach (var root in known.Quota.Roots)
            foreach (var rule in root.Warnings.Where(rule => rule.Command.Length > 0))
                foreach (var part in rule.Parts)
                    if (rule.Key == wanted || rule.MemoryKey(part) == wanted
                        || (!rule.Below && part.IsPercent && $"{part.Amount}" == wanted.TrimEnd('%')))
                        return (root, rule, part);
        return null;
    }

    private static int Fail(ILogger log, string problem)
    {
        log.Error("{Problem}", problem);
        return ExitCode.Failed;
    }
}
