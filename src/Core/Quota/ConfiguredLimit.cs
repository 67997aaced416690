namespace MaildirQuotaWatcher.Quota;

/// <summary>A limit that an administrator set.</summary>
/// <param name="Limit">What the mailbox may hold.</param>
/// <param name="Forced">
/// True: it overrides the header of <c>maildirsize</c> (Dovecot: <c>*:</c>). False: it applies only where no header
/// gives a limit (<c>?:</c>).
/// </param>
public readonly record struct ConfiguredLimit(QuotaLimit Limit, bool Forced);
