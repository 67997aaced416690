using System.Text;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;

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
        foreach (var (i, root) in quota.Roots.Index())
            Root(i + 1, root);
        if (quota.Roots[0].Rules.Default is null)
            text.Append("# no limit for everybody: each mailbox's own maildirsize says it\n");
        Line("quota_max_mail_size", quota.MaxMailSize.Bytes == 0 ? "unlimited" : $"{quota.MaxMailSize.Bytes}");
        Line("quota_exceeded_message", quota.ExceededMessage);
        Line("counting", SettingWords.Of(SettingWords.Counting, quota.Counting));
        Line("trust_names", SettingWords.Of(SettingWords.YesNo, quota.TrustNames));
        Line("create", SettingWords.Of(SettingWords.YesNo, quota.Create));

        Section("limits");
        foreach (var source in settings.Limits.Sources) Line("source", source.Text);
        Line("refresh", DurationText.Format(settings.Limits.Refresh));

        Section("watching");
        Line("settle", DurationText.Format(settings.Watching.Settle));
        Line("poll", DurationText.Format(settings.Watching.Poll));
        Line("mode", SettingWords.Of(SettingWords.Modes, settings.Watching.Mode));
        Line("source", SettingWords.Of(SettingWords.Sources, settings.Watching.Source));
        Line("workers", $"{settings.Watching.Workers}{(settings.Watching.Workers == 0 ? "  # automatic" : "")}");

        Section("scanning");
        Line("rate", $"{settings.Scanning.Rate}{(settings.Scanning.Rate == 0 ? "  # unlimited" : "")}");

        Section("warnings");
        Line("time_limit", DurationText.Format(settings.Warnings.TimeLimit));
        Line("concurrent", $"{settings.Warnings.Concurrent}");
        if (settings.Warnings.User is { } user) Line("user", user);
        Line("per_minute", $"{settings.Warnings.PerMinute}{(settings.Warnings.PerMinute == 0 ? "  # unlimited" : "")}");
        if (settings.Warnings.QuietHours is { } quiet) Line("quiet_hours", quiet.ToString());
        Line("hysteresis", $"{settings.Warnings.Hysteresis}");
        Line("remind", DurationText.Format(settings.Warnings.Remind) + (settings.Warnings.Remind > TimeSpan.Zero
            ? "" : "  # never"));
        Line("choose", SettingWords.Of(SettingWords.Choices, settings.Warnings.Choice));
        Line("base_dir", settings.Warnings.BaseDirectory);
        Line("over_flag_interval", DurationText.Format(settings.Warnings.OverFlagInterval));

        Section("state");
        Line("directory", settings.State.Directory);
        Section("log");
        Line("level", SettingWords.Of(SettingWords.Levels, settings.Log.Level));
        return text.ToString();

        void Root(int number, RootSettings root)
        {
            Line(new QuotaKey(number, "", 1).ToString(), root.Root.Text);
            foreach (var rule in root.Shorthand)
                if (rule.Bytes is { } bytes) Line("limit", $"{bytes}  # {SizeText.Format(bytes.Number)}");
                else Line("messages", $"{rule.Messages}");
            foreach (var (i, rule) in root.Numbered.Index())
                Line(new QuotaKey(number, "rule", i + 1).ToString(), InWords(rule));
            foreach (var (i, warning) in root.Warnings.Index())
                Line(new QuotaKey(number, "warning", i + 1).ToString(),
                    $"{warning.Key} {string.Join(' ', warning.Command.Select(Quote))}".TrimEnd());
            Line(new QuotaKey(number, "grace", 1).ToString(), root.Grace.ToString());
            if (root.OverFlagValue is { } flag) Line(new QuotaKey(number, "over_flag_value", 1).ToString(), flag);
            var script = string.Join(' ', root.OverScript.Select(Quote));
            if (script.Length > 0) Line(new QuotaKey(number, "over_script", 1).ToString(), script);
        }

        void Section(string name) => text.Append(text.Length > 0 ? "\n" : "").Append('[').Append(name).Append("]\n");
        void Line(string key, string value) => text.Append(key).Append(" = ").Append(value).Append('\n');
    }

    /// <summary>Numbers of bytes are hard to read.</summary>
    private static string InWords(QuotaRule rule) => rule.Bytes is { IsPercent: false, Number: > 1023 or < -1023 } bytes
        && bytes != RuleAmount.Unlimited ? $"{rule}  # {SizeText.Format(bytes.Number)}" : rule.ToString();

    private static string Quote(string word) =>
        word.Length == 0 || word.Any(c => char.IsWhiteSpace(c) || c is '#' or ';') ? $"\"{word}\"" : word;
}
