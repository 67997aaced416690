namespace MaildirQuotaWatcher.Rules;

/// <summary>One of several settings that have the same name and a number.</summary>
/// <param name="Number">1 for the key without number.</param>
/// <param name="Key">The key as written: <c>quota_rule2</c>.</param>
/// <param name="Value">The value as written.</param>
/// <param name="Place">Where it stands.</param>
public sealed record NumberedSetting<TPlace>(int Number, string Key, string Value, TPlace Place);
