using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>One folder of a watched mailbox, 24 bytes.</summary>
/// <param name="Folder">Name and whether it counts.</param>
internal record struct WatchedFolder(MaildirFolder Folder)
{
    /// <summary>Ids of its <c>new</c> and <c>cur</c> in the index; 0 while one is not there.</summary>
    public int New { get; set; }

    /// <inheritdoc cref="New"/>
    public int Cur { get; set; }

    /// <summary>
    /// Above 0 while the folder's own directory is watched: until <c>new</c> and <c>cur</c> are there, and always where
    /// folders nest. Its events come with the negative of it.
    /// </summary>
    public int Number { get; set; }
}
