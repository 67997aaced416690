namespace MaildirQuotaWatcher.Config;

/// <summary>Loads a configuration file: read, understood and checked.</summary>
internal static class SettingsFile
{
    /// <summary>The settings, to be used only when there are no errors.</summary>
    public static (Settings Settings, IReadOnlyList<ConfigError> Errors) Load(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            var cure = e is UnauthorizedAccessException
                ? "check its mode and owner"
                : "create it, or name it with --config";
            return (new Settings(), [new ConfigError(path, 0, $"cannot be read ({e.Message.TrimEnd('.')}); {cure}")]);
        }
        var (settings, errors) = SettingsReader.Read(IniFile.Parse(path, text));
        return (settings, [.. errors, .. SettingsValidator.Check(settings, path)]);
    }
}
