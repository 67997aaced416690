namespace MaildirQuotaWatcher.Cli;

/// <summary>The verb <c>recalc</c>.</summary>
internal static class RecalcCommand
{
    public static async Task<int> RunAsync(RecalcOptions options, CancellationToken stop)
    {
        await Console.Error.WriteLineAsync("recalc: not wired yet").ConfigureAwait(false);
        return ExitCode.Failed;
    }
}
