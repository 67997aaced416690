namespace MaildirQuotaWatcher.Quota;

/// <summary>A limit an administrator gave, as opposed to the one in the header of <c>maildirsize</c>.</summary>
/// <param name="Limit">What the mailbox may hold.</param>
/// <param name="Forced">True: it counts whatever the header says (Dovecot's rule <c>*:</c>). False: only where the
/// header says nothing (<c>?:</c>).</param>
public readonly record struct ConfiguredLimit(QuotaLimit Limit, bool Forced)
{
    /// <summary>The limit that counts.</summary>
    /// <param name="header">What the header says; null when it is missing or not clear.</param>
    public QuotaLimit Beside(QuotaLimit? header) => Forced ? Limit : header ?? Limit;
}
