namespace MaildirQuotaWatcher.Quota;

/// <summary>What a mailbox may hold. Zero means unlimited in either resource (Courier, Dovecot: <c>0S</c>).</summary>
/// <param name="Bytes">Storage limit in bytes, 0 = unlimited.</param>
/// <param name="Messages">Message limit, 0 = unlimited.</param>
public readonly record struct QuotaLimit(long Bytes, long Messages)
{
    public static QuotaLimit Unlimited => default;

    public bool IsUnlimited => Bytes == 0 && Messages == 0;

    /// <summary>Strictly more than allowed; exactly at the limit is not over (all programs agree, vector
    /// V59).</summary>
    public bool IsOver(Usage usage) =>
        (Bytes > 0 && usage.Bytes > Bytes) || (Messages > 0 && usage.Messages > Messages);
}
