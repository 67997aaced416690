namespace MaildirQuotaWatcher.Warnings;

/// <summary>The state file cannot be used; the message names the file and the cure.</summary>
internal sealed class WarningStoreException(string message, Exception? inner = null) : Exception(message, inner);
