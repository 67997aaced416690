namespace MaildirQuotaWatcher.Linux;

/// <summary>One user of the system, as passwd(5) has it.</summary>
internal sealed record Account(string Name, uint Uid, uint Gid, string Home);
