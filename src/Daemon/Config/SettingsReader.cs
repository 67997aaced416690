using System.Globalization;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Config;

/// <summary>Turns the entries of an <see cref="IniFile"/> into <see cref="Settings"/>, gathering every error.</summary>
internal sealed class SettingsReader
{
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["mailboxes"] = ["locations"],
        ["quota"] = ["limit", "messages", "counting", "trust_names", "create"],
        ["watching"] = ["settle", "poll", "mode", "source", "workers"],
        ["scanning"] = ["rate"],
        ["warnings"] = ["quota_warning", "time_limit", "concurrent", "user"],
        ["state"] = ["directory"],
        ["log"] = ["level"],
    };

    private readonly IniFile _file;
    private readonly List<ConfigError> _errors;
    private Settings _settings = new();

    private SettingsReader(IniFile file) => (_file, _errors) = (file, [.. file.Errors]);

    /// <summary>Reads what can be read; the settings are complete only when there are no errors.</summary>
    public static (Settings Settings, IReadOnlyList<ConfigError> Errors) Read(IniFile file)
    {
        var reader = new SettingsReader(file);
        foreach (var (name, line) in file.Sections)
            if (!Known.ContainsKey(name))
                reader.Fail(line,
                    $"unknown section [{name}]; did you mean [{SettingWords.Nearest(name, Known.Keys)}]?");
        reader.CheckDuplicates();
        foreach (var entry in file.Entries)
            if (Known.ContainsKey(entry.Section))
                reader.Apply(entry);
        return (reader._settings, reader._errors);
    }

    private void CheckDuplicates()
    {
        var repeated = _file.Entries.Where(e => e.Key != "locations").GroupBy(e => (e.Section, e.Key));
        foreach (var same in repeated.Where(g => g.Count() > 1))
        {
            var lines = string.Join(" and ", same.Select(e => e.Line));
            Fail(same.Last().Line,
                $"'{same.Key.Key}' is given twice in [{same.Key.Section}], on lines {lines}; keep one");
        }
    }

    private void Apply(IniEntry entry)
    {
        var error = (entry.Section, entry.Key) switch
        {
            ("mailboxes", "locations") => AddLocations(entry.Value),
            ("quota", "limit") => SizeText.TryParse(entry.Value, out var bytes, out var e)
                ? SetQuota(q => q with { Limit = (q.Limit ?? default) with { Bytes = bytes } }) : e,
            ("quota", "messages") => TryNumber(entry.Value, 0, long.MaxValue, out var number, out var e)
                ? SetQuota(q => q with { Limit = (q.Limit ?? default) with { Messages = number } }) : e,
            ("quota", "counting") =>
                SettingWords.TryParse(SettingWords.Counting, entry.Value, out var counting, out var e)
                ? SetQuota(q => q with { Counting = counting }) : e,
            ("quota", "trust_names") => SettingWords.TryParse(SettingWords.YesNo, entry.Value, out var trust, out var e)
                ? SetQuota(q => q with { TrustNames = trust }) : e,
            ("quota", "create") => SettingWords.TryParse(SettingWords.YesNo, entry.Value, out var create, out var e)
                ? SetQuota(q => q with { Create = create }) : e,
            ("watching", "settle") => DurationText.TryParse(entry.Value, out var settle, out var e)
                ? SetWatching(w => w with { Settle = settle }) : e,
            ("watching", "poll") => DurationText.TryParse(entry.Value, out var poll, out var e)
                ? SetWatching(w => w with { Poll = poll }) : e,
            ("watching", "mode") => SettingWords.TryParse(SettingWords.Modes, entry.Value, out var mode, out var e)
                ? SetWatching(w => w with { Mode = mode }) : e,
            ("watching", "source") =>
                SettingWords.TryParse(SettingWords.Sources, entry.Value, out var source, out var e)
                ? SetWatching(w => w with { Source = source }) : e,
            ("watching", "workers") => TryNumber(entry.Value, 0, 1024, out var workers, out var e)
                ? SetWatching(w => w with { Workers = (int)workers }) : e,
            ("scanning", "rate") => TryNumber(entry.Value, 0, 1_000_000_000, out var rate, out var e)
                ? Set(_settings with { Scanning = new ScanningSettings { Rate = rate } }) : e,
            ("warnings", "time_limit") => DurationText.TryParse(entry.Value, out var limit, out var e)
                ? SetWarnings(w => w with { TimeLimit = limit }) : e,
            ("warnings", "concurrent") => TryNumber(entry.Value, 1, 1000, out var concurrent, out var e)
                ? SetWarnings(w => w with { Concurrent = (int)concurrent }) : e,
            ("warnings", "user") => SetWarnings(w => w with { User = entry.Value.Length == 0 ? null : entry.Value }),
            ("warnings", var key) when IsWarningKey(key) => AddWarning(entry.Value),
            ("state", "directory") => SetState(entry.Value),
            ("log", "level") => SettingWords.TryParse(SettingWords.Levels, entry.Value, out var level, out var e)
                ? Set(_settings with { Log = new LogSettings { Level = level } }) : e,
            var (section, key) => Known.FirstOrDefault(other => other.Value.Contains(key)).Key is { } other
                ? $"belongs in [{other}], not in [{section}]"
                : $"unknown key in [{section}]; did you mean '{SettingWords.Nearest(key, Known[section])}'?",
        };
        if (error is not null) Fail(entry.Line, $"{entry.Key}: {error}");
    }

    private string? AddLocations(string value)
    {
        foreach (var text in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!LocationPattern.TryParse(text, out var pattern, out var error)) return error;
            var locations = _settings.Mailboxes.Locations.Append(pattern).ToArray();
            _settings = _settings with { Mailboxes = new MailboxSettings { Locations = locations } };
        }
        return null;
    }

    private string? AddWarning(string value)
    {
        if (!WarningRule.TryParse(value, out var threshold, out var error)) return error;
        if (threshold.Command.Length == 0)
            return $"no command; write {threshold.Key} /path/to/command";
        if (_settings.Warnings.Thresholds.Any(t => t.Key == threshold.Key))
            return $"{threshold.Key} already has a warning; keep one, which may run several programs from one script";
        return SetWarnings(w => w with { Thresholds = [.. w.Thresholds, threshold] });
    }

    private string? SetState(string value) => value.StartsWith('/')
        ? Set(_settings with { State = new StateSettings { Directory = value } })
        : $"'{value}' is not an absolute path; begin with /";

    private string? SetQuota(Func<QuotaSettings, QuotaSettings> change) =>
        Set(_settings with { Quota = change(_settings.Quota) });

    private string? SetWatching(Func<WatchingSettings, WatchingSettings> change) =>
        Set(_settings with { Watching = change(_settings.Watching) });

    private string? SetWarnings(Func<WarningSettings, WarningSettings> change) =>
        Set(_settings with { Warnings = change(_settings.Warnings) });

    private string? Set(Settings settings)
    {
        _settings = settings;
        return null;
    }

    private void Fail(int line, string message) => _errors.Add(new ConfigError(_file.Name, line, message));

    private static bool IsWarningKey(string key) =>
        key.StartsWith("quota_warning", StringComparison.Ordinal)
            && key["quota_warning".Length..].All(char.IsAsciiDigit);

    private static bool TryNumber(string text, long least, long most, out long number, out string? error)
    {
        var read = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        error = read && number >= least && number <= most
            ? null
            : $"'{text}' is not a whole number from {least} to {most}";
        return error is null;
    }
}
