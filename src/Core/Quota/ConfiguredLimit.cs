namespace MaildirQuotaWatcher.Quota;

/// <summary>A limit an administrator gave, as opposed to the one in the header of <c>maildirsize</c>.</summary>
/// <param name="Limit">What the mailbox may hold.</param>
/// <param name="Forced">True: it counts whatever the header says (Dovecot's rule <c>*:</c>). False: it counts only
/// where there is no header yet (<c>?:</c>).</param>
public readonly record struct ConfiguredLimit(QuotaLimit Limit, bool Forced);
