namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// Where accepted changes of all mailboxes go: console, warnings. Called on worker threads; returns at once, never
/// throws.
/// </summary>
internal interface IChangeSink
{
    void Accept(Mailbox mailbox, UsageChange change);
}
