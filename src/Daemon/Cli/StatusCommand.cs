using System.Text.Json;
using MaildirQuotaWatcher.Control;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The verb <c>status</c>: asks the running service how it is doing. Exit codes for monitoring.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(StatusOptions options, CancellationToken stop)
    {
        // A file with errors is one that the service did not load: it runs by what it read before, and is asked.
        var (settings, errors) = await SettingsOnConsole.ReadAsync(options.ConfigFile).ConfigureAwait(false);
        if (errors.Count > 0 && !File.Exists(options.ConfigFile))
            return ExitCode.BadUsage;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            var (answer, problem) = await ControlSocket.AskAsync(
                settings.State.Directory, [ControlWords.Status], patience.Token).ConfigureAwait(false);
            if (answer?.StartsWith('{') != true)
                return await FailAsync(problem ?? answer!, errors.Count).ConfigureAwait(false);
            var report = JsonSerializer.Deserialize(answer, ControlJson.Default.StatusReport)!;
            await Console.Out.WriteAsync(options.Json ? answer + "\n" : StatusText.Of(report)).ConfigureAwait(false);
            return report.Fine && errors.Count == 0 ? ExitCode.Fine : ExitCode.SomeFailed;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return await FailAsync(
                $"the service has not answered within {Patience.TotalSeconds:0} s; its log may say why", errors.Count)
                .ConfigureAwait(false);
        }
    }

    private static async Task<int> FailAsync(string problem, int errors)
    {
        await Console.Error.WriteLineAsync(EscapingText.Escape(problem)).ConfigureAwait(false);
        return errors > 0 ? ExitCode.BadUsage : ExitCode.Failed;
    }
}
