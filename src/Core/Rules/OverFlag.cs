using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// <c>quota_over_flag_value</c>: tells from a user's flag in some database whether that user is thought to be over
/// quota. Immutable.
/// </summary>
/// <param name="Mask">Wildcards <c>*</c> and <c>?</c>, in any case: <c>*TRUE</c>.</param>
public sealed record OverFlag(string Mask)
{
    /// <summary>Over as this flag means it: a resource that has a limit has reached it, storage in KiB rounded up on
    /// both sides, so up to 1023 bytes early (Dovecot).</summary>
    public static bool IsOver(Usage usage, QuotaLimit limit) =>
        (limit.Bytes > 0 && KiB(usage.Bytes) >= KiB(limit.Bytes))
        || (limit.Messages > 0 && usage.Messages >= limit.Messages);

    /// <summary>True when the flag says over; an absent one (null) never does.</summary>
    public bool IsSet(string? value) =>
        value is not null && Wildcard.Matches(value, Mask, StringComparison.OrdinalIgnoreCase);

    private static Int128 KiB(long bytes) => ((Int128)bytes + 1023) / 1024;
}
