using MaildirQuotaWatcher.Control;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The verb <c>refresh</c>: asks the running service to ask the sources of limits again.</summary>
internal static class RefreshCommand
{
    public static async Task<int> RunAsync(RefreshOptions options, CancellationToken stop)
    {
        if (await SettingsOnConsole.LoadAsync(options.ConfigFile).ConfigureAwait(false) is not { } settings)
            return ExitCode.BadUsage;
        var (answer, problem) = await ControlSocket.AskAsync(
            settings.State.Directory,
            [options.Force ? ControlWords.ForcedRefresh : ControlWords.Refresh, .. options.Users],
            stop).ConfigureAwait(false);
        if (answer is null)
        {
            await Console.Error.WriteLineAsync(EscapingText.Escape(problem!)).ConfigureAwait(false);
            return ExitCode.Failed;
        }

        foreach (var line in answer.Split('\n'))
            await Console.Out.WriteLineAsync(EscapingText.Escape(line)).ConfigureAwait(false);
        return answer.StartsWith("failed", StringComparison.Ordinal) ? ExitCode.SomeFailed : ExitCode.Fine;
    }
}
