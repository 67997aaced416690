namespace MaildirQuotaWatcher.State;

/// <summary>A state file cannot be used; the message names the file and the cure.</summary>
internal sealed class StateException(string message, Exception? inner = null) : Exception(message, inner);
