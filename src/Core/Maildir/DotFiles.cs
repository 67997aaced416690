namespace MaildirQuotaWatcher.Maildir;

/// <summary>Whether entries of <c>new</c> and <c>cur</c> that begin with a dot count as messages.</summary>
public enum DotFiles
{
    /// <summary>None counts (Courier).</summary>
    Skip,

    /// <summary>Those with one dot count, those with two do not (Dovecot).</summary>
    SkipDoubleDot,

    /// <summary>All count (Exim).</summary>
    Count,
}
