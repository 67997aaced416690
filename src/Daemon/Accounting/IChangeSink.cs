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
}
