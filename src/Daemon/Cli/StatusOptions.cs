namespace MaildirQuotaWatcher.Cli;

/// <summary>What <c>status</c> was asked. Immutable.</summary>
/// <param name="Json">One JSON object instead of text.</param>
/// <param name="ConfigFile">Path of the configuration.</param>
internal sealed record StatusOptions(bool Json, string ConfigFile);
