using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Testing.Simulation;

/// <summary>One message file; several names may lead to it.</summary>
public sealed class SimulatedInode(long bytes)
{
    public long Bytes { get; set; } = bytes;

    public int Links { get; set; } = 1;

    public MessageStat Stat => new(true, EntryKind.File, Bytes, Links);
}
