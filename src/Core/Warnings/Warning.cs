using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>One crossing that asks for its script: which threshold, and what the mailbox held at that moment.</summary>
/// <param name="Threshold">The threshold that was reached or left.</param>
/// <param name="Usage">Usage at the crossing.</param>
/// <param name="Limit">Limit at the crossing.</param>
public sealed record Warning(Threshold Threshold, Usage Usage, QuotaLimit Limit)
{
    /// <summary>Usage of the threshold's resource in percent of its limit, truncated; 0 when unlimited.</summary>
    public long PercentUsed
    {
        get
        {
            var (used, limit) = Threshold.Resource == QuotaResource.Storage
                ? (Usage.Bytes, Limit.Bytes)
                : (Usage.Messages, Limit.Messages);
            return limit <= 0 ? 0 : (long)Int128.Min((Int128)used * 100 / limit, long.MaxValue);
        }
    }
}
