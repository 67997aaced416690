namespace MaildirQuotaWatcher.Cli;

/// <summary>The verb <c>run</c>.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(RunOptions options, CancellationToken stop)
    {
        await Console.Error.WriteLineAsync("run: not wired yet").ConfigureAwait(false);
        return ExitCode.Failed;
    }
}
