namespace MaildirQuotaWatcher.Cli;

/// <summary>The verb <c>inspect</c>.</summary>
internal static class InspectCommand
{
    public static async Task<int> RunAsync(InspectOptions options, CancellationToken stop)
    {
        await Console.Error.WriteLineAsync("inspect: not wired yet").ConfigureAwait(false);
        return ExitCode.Failed;
    }
}
