using Spectre.Console;

namespace MaildirQuotaWatcher.Cli;

/// <summary>A progress bar on a terminal while mailboxes are counted for the first time; nothing elsewhere.</summary>
internal static class ScanProgress
{
    public static async Task ShowAsync(MailWatch watch, CancellationToken stop)
    {
        var settled = watch.AllSettled().WaitAsync(stop);
        var total = watch.Unsettled;
        if (Console.IsOutputRedirected || total < 2)
        {
            await settled.ConfigureAwait(false);
            return;
        }

        await AnsiConsole.Progress().AutoClear(true).StartAsync(async progress =>
        {
            var task = progress.AddTask($"counting {total} mailboxes", maxValue: total);
            while (await Task.WhenAny(settled, Task.Delay(100, stop)).ConfigureAwait(false) != settled)
                task.Value = total - watch.Unsettled;
        }).ConfigureAwait(false);
        await settled.ConfigureAwait(false);
    }
}
