using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Cli;

/// <summary>Settings for a command on a terminal: every error on stderr.</summary>
internal static class SettingsOnConsole
{
    /// <returns>Null when there are errors; they have been said.</returns>
    public static async Task<Settings?> LoadAsync(string file)
    {
        var (settings, errors) = await ReadAsync(file).ConfigureAwait(false);
        return errors.Count == 0 ? settings : null;
    }

    /// <returns>What could be read of them, and the errors, which have been said.</returns>
    public static async Task<(Settings Settings, IReadOnlyList<ConfigError> Errors)> ReadAsync(string file)
    {
        var (settings, errors) = SettingsFile.Load(
            Path.GetFullPath(file), static name => Accounts.Find(name) is not null);
        foreach (var error in errors)
            await Console.Error.WriteLineAsync(EscapingText.Escape(error.ToString())).ConfigureAwait(false);
        return (settings, errors);
    }
}
