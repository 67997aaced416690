namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// Which quota root each folder of a mailbox belongs to. Immutable, of many threads; one instance is shared by all
/// mailboxes with the same rules, and each worker keeps the folder names it has met by instance.
/// </summary>
public interface IFolderRoots
{
    /// <summary>The quota root of a folder.</summary>
    /// <param name="folderName">
    /// The directory's name with its leading dot; empty for INBOX. Nested folders (Exim) hold '/'.
    /// </param>
    /// <returns>
    /// 0: the user's own, whose usage stands in <c>maildirsize</c>; -1: none, it counts nowhere (<c>ignore</c>); above:
    /// another root, numbered from 1 without holes.
    /// </returns>
    int RootOf(ReadOnlySpan<byte> folderName);

    /// <summary>
    /// True when the folder is part of the user's own root, too: in Dovecot a root without <c>ns=</c> counts every
    /// folder, also those that have a root beside it.
    /// </summary>
    /// <param name="folderName">As for <see cref="RootOf"/>.</param>
    bool IsCounted(ReadOnlySpan<byte> folderName) => RootOf(folderName) == 0;
}
