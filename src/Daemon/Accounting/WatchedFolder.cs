using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// One folder of a watched mailbox. The folder's own directory is watched only until its <c>new</c> and <c>cur</c> are
/// there (and always where folders nest); afterwards those two tell when they go.
/// </summary>
/// <param name="Number">Above 0; its events come with the negative of it.</param>
/// <param name="Folder">Name and whether it counts.</param>
internal sealed record WatchedFolder(int Number, MaildirFolder Folder)
{
    public int Watch { get; set; } = -1;

    /// <summary>Its <c>new</c> and <c>cur</c>, and what is inside those where that counts.</summary>
    public List<MessageDirectory> Directories { get; } = new(2);
}
