using MaildirQuotaWatcher.Config;

namespace MaildirQuotaWatcher.Cli;

/// <summary>What <c>run</c> was asked. Immutable.</summary>
/// <param name="ConfigFile">Path of the configuration file.</param>
internal sealed record RunOptions(string ConfigFile = Settings.DefaultPath);
