namespace MaildirQuotaWatcher.Config;

/// <summary>One <c>key = value</c>, comment and outer quotes removed.</summary>
/// <param name="Section">Name of the section, without brackets.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value, possibly empty.</param>
/// <param name="Line">Line from 1.</param>
internal sealed record IniEntry(string Section, string Key, string Value, int Line);
