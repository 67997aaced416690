namespace MaildirQuotaWatcher.Testing.Simulation;

/// <summary>One name in one directory, from the moment it appears to the moment it goes; never reused.</summary>
public sealed record SimulatedEntry(string Name, SimulatedInode File);
