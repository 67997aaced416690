using MaildirQuotaWatcher.Config;

namespace MaildirQuotaWatcher.Cli.Explain;

/// <summary>The verb <c>explain</c>: what applies to a user, and why. Reads, never writes.</summary>
internal static class ExplainCommand
{
    public static async Task<int> RunAsync(ExplainOptions options, CancellationToken stop)
    {
        if (await SettingsOnConsole.LoadAsync(options.ConfigFile).ConfigureAwait(false) is not { } settings)
            return ExitCode.BadUsage;
        var found = Whom.Find(settings, options.Whom, out var problem);
        var failed = found.Count == 0;
        if (failed)
            await SayAsync(problem!).ConfigureAwait(false);
        foreach (var whom in found)
        {
            var (known, obstacle) = await MailboxFacts.GatherAsync(settings, whom, stop).ConfigureAwait(false);
            failed |= known is not { IsKnown: true };
            if (known is null)
                await SayAsync(obstacle!).ConfigureAwait(false);
            else
                await Console.Out.WriteAsync(ExplanationText.Of(known)).ConfigureAwait(false);
        }

        return failed ? ExitCode.SomeFailed : ExitCode.Fine;
    }

    private static Task SayAsync(string problem) => Console.Error.WriteLineAsync(EscapingText.Escape(problem));
}
