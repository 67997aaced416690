namespace MaildirQuotaWatcher.Cli;

/// <summary>The verb <c>demo</c>.</summary>
internal static class DemoCommand
{
    public static async Task<int> RunAsync(DemoOptions options, CancellationToken stop)
    {
        await Console.Error.WriteLineAsync("demo: not wired yet").ConfigureAwait(false);
        return ExitCode.Failed;
    }
}
