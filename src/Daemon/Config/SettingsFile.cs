namespace MaildirQuotaWatcher.Config;

/// <summary>Loads a configuration file: read, understood and checked.</summary>
internal static class SettingsFile
{
    /// <summary>The settings, to be used only when there are no errors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isAccount">Tells whether the system knows an account; null asks nobody.</param>
    /// <param name="remarks">Gets what is no error but hardly meant, where there is no error.</param>
    public static (Settings Settings, IReadOnlyList<ConfigError> Errors) Load(
        string path, Func<string, bool>? isAccount = null, List<ConfigError>? remarks = null)
    {
        if (Directory.Exists(path))
            return (new Settings(), [new ConfigError(path, 0, "is a directory; name a file with --config")]);
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
        var ini = IniFile.Parse(path, text);
        var (settings, errors) = SettingsReader.Read(ini);
        ConfigError[] all = [.. errors.Concat(SettingsValidator.Check(settings, ini, isAccount)).OrderBy(e => e.Line)];
        if (all.Length == 0)
            remarks?.AddRange(SettingsRemarks.Of(ini));
        return (settings, all);
    }
}
