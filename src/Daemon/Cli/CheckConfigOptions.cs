using MaildirQuotaWatcher.Config;

namespace MaildirQuotaWatcher.Cli;

/// <summary>What <c>check-config</c> was asked. Immutable.</summary>
/// <param name="ConfigFile">Path of the configuration file.</param>
internal sealed record CheckConfigOptions(string ConfigFile = Settings.DefaultPath);
