using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Control;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Cli;

/// <summary>The verb <c>refresh</c>: asks the running service to ask the sources of limits again.</summary>
internal static class RefreshCommand
{
    /// <summary>The word of the service's control socket.</summary>
    public const string Word = "refresh";

    /// <summary>The same, and files are taken as they are, even if they look like an accident.</summary>
    public const string ForceWord = "refresh --force";

    public static async Task<int> RunAsync(RefreshOptions options, CancellationToken stop)
    {
        if (await SettingsOnConsole.LoadAsync(options.ConfigFile).ConfigureAwait(false) is not { } settings)
            return ExitCode.BadUsage;
        var (answer, problem) = await ControlSocket.AskAsync(
            settings.State.Directory, [options.Force ? ForceWord : Word, .. options.Users], stop).ConfigureAwait(false);
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

/// <summary>Settings for a command on a terminal: every error on stderr.</summary>
internal static class SettingsOnConsole
{
    /// <returns>Null when there are errors; they have been said.</returns>
    public static async Task<Settings?> LoadAsync(string file)
    {
        var (settings, errors) = SettingsFile.Load(
            Path.GetFullPath(file), static name => Accounts.Find(name) is not null);
        foreach (var error in errors)
            await Console.Error.WriteLineAsync(EscapingText.Escape(error.ToString())).ConfigureAwait(false);
        return errors.Count == 0 ? settings : null;
    }
}
