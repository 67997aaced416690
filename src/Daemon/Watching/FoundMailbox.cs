using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Watching;

/// <summary>A mailbox that a location led to.</summary>
/// <param name="User">Whose it is.</param>
/// <param name="Path">Its root.</param>
/// <param name="Device">Device of the root when found.</param>
/// <param name="Inode">Inode of the root when found.</param>
/// <param name="Owner">User id that owns the root.</param>
internal sealed record FoundMailbox(string User, BytePath Path, ulong Device, ulong Inode, uint Owner);
