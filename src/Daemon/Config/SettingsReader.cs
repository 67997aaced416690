using System.Globalization;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Config;

/// <summary>Turns the entries of an <see cref="IniFile"/> into <see cref="Settings"/>, gathering every error.</summary>
internal sealed class SettingsReader
{
    /// <summary>Every key there is, by section.</summary>
    internal static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["mailboxes"] = ["locations"],
        ["quota"] = ["limit", "messages", "counting", "trust_names", "create", .. QuotaReader.Known],
        ["limits"] = ["source", "refresh"],
        ["watching"] = ["settle", "poll", "mode", "source", "workers"],
        ["scanning"] = ["rate"],
        ["warnings"] =
        [
            "quota_warning", "time_limit", "concurrent", "user", "per_minute", "quiet_hours", "hysteresis", "remind",
            "choose", "base_dir", "over_flag_interval",
        ],
        ["state"] = ["directory"],
        ["log"] = ["level"],
    };

    /// <summary>Keys that may stand on several lines.</summary>
    private static readonly (string, string)[] Repeated = [("mailboxes", "locations"), ("limits", "source")];

    private readonly IniFile _file;
    private readonly List<ConfigError> _errors;
    private readonly QuotaReader _quota;
    private Settings _settings = new();

    private SettingsReader(IniFile file)
    {
        (_file, _errors) = (file, [.. file.Errors]);
        _quota = new QuotaReader(Fail);
    }

    /// <summary>Reads what can be read; the settings are complete only when there are no errors.</summary>
    public static (Settings Settings, IReadOnlyList<ConfigError> Errors) Read(IniFile file)
    {
        var reader = new SettingsReader(file);
        foreach (var (name, line) in file.Sections)
            if (!Known.ContainsKey(name))
                reader.Fail(line,
                    $"unknown section [{name}]; {SettingWords.CureOf(name, Known.Keys)}");
        reader.CheckDuplicates();
        foreach (var entry in file.Entries)
            if (Known.ContainsKey(entry.Section))
                reader.Apply(entry);
        reader._settings = reader._settings with { Quota = reader._quota.Finish(reader._settings.Quota) };
        return (reader._settings, reader._errors);
    }

    private void CheckDuplicates()
    {
        var all = _file.Entries.GroupBy(e => (e.Section, e.Key));
        foreach (var same in all.Where(g => g.Count() > 1 && !Repeated.Contains(g.Key) && !IsOf24(g.Key)))
        {
            var lines = string.Join(" and ", same.Select(e => e.Line));
            Fail(same.Last().Line,
                $"'{same.Key.Key}' is given twice in [{same.Key.Section}], on lines {lines}; keep one");
        }
    }

    /// <summary>What stood in blocks of Dovecot 2.4 may well stand twice: each line has an error of its own.</summary>
    private static bool IsOf24((string Section, string Key) at) => at.Section == "quota"
        && DovecotKeys.CureOf(QuotaKey.TryParse(at.Key, out var key) ? key.Word : at.Key, "") is not null;

    private void Apply(IniEntry entry)
    {
        if (entry.Section == "quota" || IsWarningKey(entry))
        {
            if (QuotaKey.TryParse(entry.Key, out var key))
            {
                _quota.Add(key, entry);
                return;
            }
        }

        var error = (entry.Section, entry.Key) switch
        {
            ("mailboxes", "locations") => AddLocations(entry.Value),
            ("quota", "limit") => SizeText.TryParse(entry.Value, out var bytes, out var e)
                ? SetLimit(new QuotaRule("*", false, new RuleAmount(bytes), null), entry) : e,
            ("quota", "messages") => TryNumber(entry.Value, 0, long.MaxValue, out var number, out var e)
                ? SetLimit(new QuotaRule("*", false, null, new RuleAmount(number)), entry) : e,
            ("quota", "counting") =>
                SettingWords.TryParse(SettingWords.Counting, entry.Value, out var counting, out var e)
                ? SetQuota(q => q with { Counting = counting }) : e,
            ("quota", "trust_names") => SettingWords.TryParse(SettingWords.YesNo, entry.Value, out var trust, out var e)
                ? SetQuota(q => q with { TrustNames = trust }) : e,
            ("quota", "create") => SettingWords.TryParse(SettingWords.YesNo, entry.Value, out var create, out var e)
                ? SetQuota(q => q with { Create = create }) : e,
            ("limits", "source") => AddSource(entry.Value),
            ("limits", "refresh") => DurationText.TryParse(entry.Value, out var refresh, out var e)
                ? Set(_settings with { Limits = _settings.Limits with { Refresh = refresh } }) : e,
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
            ("warnings", "per_minute") => TryNumber(entry.Value, 0, 1_000_000, out var perMinute, out var e)
                ? SetWarnings(w => w with { PerMinute = (int)perMinute }) : e,
            ("warnings", "quiet_hours") => QuietHours.TryParse(entry.Value, out var quiet, out var e)
                ? SetWarnings(w => w with { QuietHours = quiet }) : e,
            ("warnings", "hysteresis") => TryNumber(entry.Value.TrimEnd('%', ' '), 0, 50, out var hysteresis, out var e)
                ? SetWarnings(w => w with { Hysteresis = (int)hysteresis }) : e,
            ("warnings", "remind") => DurationText.TryParse(entry.Value, out var remind, out var e)
                ? SetWarnings(w => w with { Remind = remind }) : e,
            ("warnings", "choose") =>
                SettingWords.TryParse(SettingWords.Choices, entry.Value, out var choice, out var e)
                ? SetWarnings(w => w with { Choice = choice }) : e,
            ("warnings", "base_dir") => entry.Value.StartsWith('/')
                ? SetWarnings(w => w with { BaseDirectory = entry.Value }) : NotAbsolute(entry.Value),
            ("warnings", "over_flag_interval") => DurationText.TryParse(entry.Value, out var flagEvery, out var e)
                ? SetWarnings(w => w with { OverFlagInterval = flagEvery }) : e,
            ("state", "directory") => SetState(entry.Value),
            ("log", "level") => SettingWords.TryParse(SettingWords.Levels, entry.Value, out var level, out var e)
                ? Set(_settings with { Log = new LogSettings { Level = level } }) : e,
            var (section, key) => Known.FirstOrDefault(other => other.Value.Contains(key)).Key is { } other
                ? $"belongs in [{other}], not in [{section}]"
                : (section == "quota" ? DovecotKeys.CureOf(key, entry.Value) : null)
                    ?? $"unknown key in [{section}]; {SettingWords.CureOf(key, Known[section])}",
        };
        if (error is not null) Fail(entry.Line, $"{entry.Key}: {error}");
    }

    private string? AddLocations(string value)
    {
        var texts = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (texts.Length == 0) return "names no place; write for example /var/vmail/%d/%n/Maildir";
        foreach (var text in texts)
        {
            if (!LocationPattern.TryParse(text, out var pattern, out var error)) return error;
            var locations = _settings.Mailboxes.Locations.Append(pattern).ToArray();
            _settings = _settings with { Mailboxes = new MailboxSettings { Locations = locations } };
        }
        return null;
    }

    private string? AddSource(string value)
    {
        if (!LimitSourceSpec.TryParse(value, out var source, out var error)) return error;
        var limits = _settings.Limits;
        return Set(_settings with { Limits = limits with { Sources = [.. limits.Sources, source] } });
    }

    private string? SetLimit(QuotaRule rule, IniEntry entry)
    {
        _quota.Limit(rule, entry);
        return null;
    }

    private string? SetState(string value) => value.StartsWith('/')
        ? Set(_settings with { State = new StateSettings { Directory = value } })
        : NotAbsolute(value);

    private static string NotAbsolute(string path) => $"'{path}' is not an absolute path; begin with /";

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

    /// <summary>Warnings may stand with the rules or with what is said of scripts.</summary>
    private static bool IsWarningKey(IniEntry entry) =>
        entry.Section == "warnings" && QuotaKey.TryParse(entry.Key, out var key) && key.Word == "warning";

    private static bool TryNumber(string text, long least, long most, out long number, out string? error)
    {
        var read = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        error = read && number >= least && number <= most
            ? null
            : $"'{text}' is not a whole number from {least} to {most}";
        return error is null;
    }
}
