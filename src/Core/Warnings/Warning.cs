using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>One crossing that asks for its script: which threshold, and what the mailbox held at that moment.</summary>
/// <param name="Rule">The warning that runs.</param>
/// <param name="Part">Its limit that was reached or left.</param>
/// <param name="Usage">Usage at the crossing.</param>
/// <param name="Limit">Limit at the crossing.</param>
/// <param name="IsReminder">True when nothing was crossed: it is still reached, and the time to say so again.</param>
public sealed record Warning(
    WarningRule Rule, WarningPart Part, Usage Usage, QuotaLimit Limit, bool IsReminder = false)
{
    /// <summary>Usage of the threshold's resource in percent of its limit, truncated; 0 when unlimited.</summary>
    public long PercentUsed
    {
        get
        {
            var limit = Part.Of(Limit);
            return limit <= 0 ? 0 : (long)Int128.Min((Int128)Part.Of(Usage) * 100 / limit, long.MaxValue);
        }
    }
}
