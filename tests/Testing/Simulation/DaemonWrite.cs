namespace MaildirQuotaWatcher.Testing.Simulation;

/// <summary>One write of the daemon: when, how, and what the file then held.</summary>
public sealed record DaemonWrite(long Milliseconds, bool Replaced, string Text);
