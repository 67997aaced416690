namespace MaildirQuotaWatcher.Cli;

/// <summary>The verb <c>watch</c>.</summary>
internal static class WatchCommand
{
    public static async Task<int> RunAsync(WatchOptions options, CancellationToken stop)
    {
        await Console.Error.WriteLineAsync("watch: not wired yet").ConfigureAwait(false);
        return ExitCode.Failed;
    }
}
