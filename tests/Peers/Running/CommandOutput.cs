namespace MaildirQuotaWatcher.Peers.Running;

/// <summary>What a finished program left: exit code, standard output, standard error.</summary>
internal sealed record CommandOutput(int Exit, string Output, string Errors);
