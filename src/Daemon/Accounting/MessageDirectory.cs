namespace MaildirQuotaWatcher.Accounting;

/// <summary>One watched <c>new</c> or <c>cur</c>.</summary>
/// <param name="Id">Id in the mailbox's index.</param>
/// <param name="Folder">The folder it belongs to.</param>
/// <param name="Relative">Path relative to the root, bytes.</param>
/// <param name="Device">Device of the directory watched.</param>
/// <param name="Inode">Inode of the directory watched.</param>
internal sealed record MessageDirectory(int Id, WatchedFolder Folder, byte[] Relative, ulong Device, ulong Inode)
{
    public int Watch { get; set; } = -1;
}
