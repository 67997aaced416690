using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Maildir;

/// <summary>One directory of a <see cref="MailboxIndex"/>, as it is at the moment.</summary>
/// <param name="Id">Id in the index.</param>
/// <param name="Folder">The folder it belongs to.</param>
/// <param name="Place">What the caller keeps with it.</param>
/// <param name="Usage">What it holds.</param>
/// <param name="Unsized">The messages among them whose names do not say their size; null for none.</param>
public readonly record struct DirectoryEntry(
    int Id, MaildirFolder Folder, DirectoryPlace Place, Usage Usage, UnsizedMessages? Unsized);
