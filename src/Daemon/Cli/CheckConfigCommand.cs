using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The verb <c>check-config</c>: every error on stderr, or the settings in force on stdout.</summary>
internal static class CheckConfigCommand
{
    public static async Task<int> RunAsync(CheckConfigOptions options, CancellationToken stop)
    {
        var (settings, errors) = SettingsFile.Load(
            options.ConfigFile, static name => Accounts.Find(name) is not null);
        foreach (var error in errors)
            await Console.Error.WriteLineAsync(EscapingText.Escape(error.ToString())).ConfigureAwait(false);
        if (errors.Count > 0)
        {
            var text = errors.Count == 1 ? "1 error" : $"{errors.Count} errors";
            await Console.Error.WriteLineAsync(text).ConfigureAwait(false);
            return ExitCode.BadUsage;
        }
        await Console.Out.WriteAsync(SettingsText.Format(settings)).ConfigureAwait(false);
        await Console.Error.WriteLineAsync($"{EscapingText.Escape(options.ConfigFile)} is fine").ConfigureAwait(false);
        return ExitCode.Fine;
    }
}
