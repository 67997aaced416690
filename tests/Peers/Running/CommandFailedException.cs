namespace MaildirQuotaWatcher.Peers.Running;

/// <summary>A real program did not do as the test needs; carries the whole command and all it printed.</summary>
internal sealed class CommandFailedException(string what, Command command, CommandOutput output)
    : Exception($"{what}: {command}\n--- output\n{output.Output}\n--- errors\n{output.Errors}");
