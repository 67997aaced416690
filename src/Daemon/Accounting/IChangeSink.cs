namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// Where accepted changes of all mailboxes go: console, warnings. Called on worker threads; returns at once, never
/// throws.
/// </summary>
internal interface IChangeSink
{
    /// <param name="mailbox">
    /// Whose change it is; during the call it may be asked more, such as its
    /// <see cref="MaildirQuotaWatcher.Maildir.MailboxIndex.LargestFolders"/>.
    /// </param>
    /// <param name="change">What changed.</param>
    void Accept(Mailbox mailbox, UsageChange change);

    /// <summary>A mailbox is no longer followed: gone, or let go.</summary>
    void Forget(Mailbox mailbox)
    {
    }

    /// <summary>Wants to hear the last change again when rules change; what tells people does not.</summary>
    bool HearsAgain => false;
}
