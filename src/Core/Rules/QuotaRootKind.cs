namespace MaildirQuotaWatcher.Rules;

/// <summary>What a quota root counts.</summary>
public enum QuotaRootKind
{
    /// <summary>Folders of one mailbox (<c>maildir:</c>).</summary>
    Mailbox,

    /// <summary>All mailboxes of a group together, such as a domain (<c>group:</c>, ours).</summary>
    Group,
}
