namespace MaildirQuotaWatcher.Rules;

/// <summary>Whether a message may be saved. In order of severity: of several quota roots the largest counts.</summary>
public enum SaveDecision
{
    Allowed,

    /// <summary>It does not fit now.</summary>
    OverQuota,

    /// <summary>It would never fit: larger than <c>quota_max_mail_size</c>, or over quota and larger than the whole
    /// limit.</summary>
    TooLarge,
}
