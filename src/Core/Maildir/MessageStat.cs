namespace MaildirQuotaWatcher.Maildir;

/// <summary>What <c>stat(2)</c>, following links, says of one entry of <c>new</c> or <c>cur</c>.</summary>
/// <param name="Exists">False when the entry or the target of a link is not there.</param>
/// <param name="Kind">Regular file, directory, or something else.</param>
/// <param name="Bytes">Size in bytes.</param>
/// <param name="Links">Number of hard links.</param>
public readonly record struct MessageStat(bool Exists, EntryKind Kind, long Bytes, long Links);

/// <summary>What a directory entry is, as far as counting cares.</summary>
public enum EntryKind
{
    File,
    Directory,
    SymbolicLink,
    Other,
}
