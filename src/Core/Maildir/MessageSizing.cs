namespace MaildirQuotaWatcher.Maildir;

/// <summary>How one directory entry of <c>new</c> or <c>cur</c> counts, by its name alone.</summary>
public enum MessageSizing
{
    /// <summary>Not a counted message (dot-file, trashed flag, by policy).</summary>
    NotCounted,

    /// <summary>The name says the size.</summary>
    Named,

    /// <summary>The size is on the disk only.</summary>
    NeedsStat,
}
