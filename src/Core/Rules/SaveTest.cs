using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Rules;

/// <summary>Dovecot's test before a message is saved. Pure.</summary>
public static class SaveTest
{
    /// <summary>Would one more message be accepted?</summary>
    /// <param name="size">Its size in bytes; unknown (0) counts as 1, as in quota-status.</param>
    /// <param name="usage">What the whole root holds.</param>
    /// <param name="limit">The limit of the folder, <see cref="RuleSet.LimitFor"/>.</param>
    /// <param name="graceBytes"><see cref="Grace.BytesOf"/>; only while usage is below the limit.</param>
    /// <param name="largest">The largest message at all.</param>
    public static SaveDecision Decide(
        long size, Usage usage, QuotaLimit limit, long graceBytes, MaxMailSize largest)
    {
        size = Math.Max(1, size);
        if (!largest.Allows(size))
            return SaveDecision.TooLarge;

        var grace = usage.Bytes < limit.Bytes ? graceBytes : 0;
        var over = (limit.Bytes > 0 && IsOver((Int128)limit.Bytes + grace, usage.Bytes, 0, size))
            || (limit.Messages > 0 && IsOver(limit.Messages, usage.Messages, 0, 1));
        if (!over)
            return SaveDecision.Allowed;
        return limit.Bytes > 0 && size > limit.Bytes ? SaveDecision.TooLarge : SaveDecision.OverQuota;
    }

    /// <summary>More than the limit afterwards. Wide enough for Dovecot's unsigned 64 bits.</summary>
    /// <param name="limit">What is allowed, not 0 for unlimited.</param>
    /// <param name="used">What was used when the transaction began.</param>
    /// <param name="change">What the transaction has added or removed so far.</param>
    /// <param name="size">What comes now.</param>
    internal static bool IsOver(Int128 limit, Int128 used, Int128 change, Int128 size) => used + change + size > limit;
}
