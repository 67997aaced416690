using System.Text;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Config;

/// <summary>Writes settings in the grammar of the file: what is in force, defaults included.</summary>
internal static class SettingsText
{
    public static string Format(Settings settings)
    {
        var text = new StringBuilder();
        Section("mailboxes");
        foreach (var location in settings.Mailboxes.Locations) Line("locations", location.Text);

        Section("quota");
        var quota = settings.Quota;
        if (quota.Limit is { } limit)
        {
            Line("limit", $"{limit.Bytes}  # {(limit.Bytes == 0 ? "unlimited" : SizeText.Format(limit.Bytes))}");
            Line("messages", $"{limit.Messages}{(limit.Messages == 0 ? "  # unlimited" : "")}");
        }
        else
        {
            text.Append("# no limit: each mailbox's own maildirsize says it\n");
        }
        Line("counting", SettingWords.Of(SettingWords.Counting, quota.Counting));
        Line("trust_names", SettingWords.Of(SettingWords.YesNo, quota.TrustNames));
        Line("create", SettingWords.Of(SettingWords.YesNo, quota.Create));

        Section("watching");
        Line("settle", DurationText.Format(settings.Watching.Settle));
        Line("poll", DurationText.Format(settings.Watching.Poll));
        Line("mode", SettingWords.Of(SettingWords.Modes, settings.Watching.Mode));
        Line("source", SettingWords.Of(SettingWords.Sources, settings.Watching.Source));
        Line("workers", $"{settings.Watching.Workers}{(settings.Watching.Workers == 0 ? "  # automatic" : "")}");

        Section("scanning");
        Line("rate", $"{settings.Scanning.Rate}{(settings.Scanning.Rate == 0 ? "  # unlimited" : "")}");

        Section("warnings");
        foreach (var (i, threshold) in settings.Warnings.Thresholds.Index())
            Line(i == 0 ? "quota_warning" : $"quota_warning{i + 1}",
                $"{threshold.Key} {string.Join(' ', threshold.Command.Select(Quote))}");
        Line("time_limit", DurationText.Format(settings.Warnings.TimeLimit));
        Line("concurrent", $"{settings.Warnings.Concurrent}");
        if (settings.Warnings.User is { } user) Line("user", user);

        Section("state");
        Line("directory", settings.State.Directory);
        Section("log");
        Line("level", SettingWords.Of(SettingWords.Levels, settings.Log.Level));
        return text.ToString();

        void Section(string name) => text.Append(text.Length > 0 ? "\n" : "").Append('[').Append(name).Append("]\n");
        void Line(string key, string value) => text.Append(key).Append(" = ").Append(value).Append('\n');
    }

    private static string Quote(string word) =>
        word.Length == 0 || word.Any(c => char.IsWhiteSpace(c) || c is '#' or ';') ? $"\"{word}\"" : word;
}
