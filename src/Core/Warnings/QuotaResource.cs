namespace MaildirQuotaWatcher.Warnings;

/// <summary>The two resources of Maildir++ that have a limit.</summary>
public enum QuotaResource
{
    /// <summary>Bytes.</summary>
    Storage,

    /// <summary>Number of messages.</summary>
    Messages,
}
