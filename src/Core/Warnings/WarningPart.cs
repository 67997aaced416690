using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>One limit of a warning: a share of what is allowed, or an absolute amount. Immutable.</summary>
/// <param name="Resource">What is compared.</param>
/// <param name="Amount">Percent of the limit (1 to 1,000,000), or bytes, or messages; at least 1.</param>
/// <param name="IsPercent">True when <paramref name="Amount"/> is a percentage.</param>
public sealed record WarningPart(QuotaResource Resource, long Amount, bool IsPercent = true)
{
    public const int LowestPercent = 1;

    /// <summary>More than Dovecot's users write; 200 % and the like are real.</summary>
    public const int HighestPercent = 1_000_000;

    /// <summary>Short and stable, part of what is stored: <c>storage=80%</c>, <c>bytes=500</c>.</summary>
    public string Text { get; } = IsPercent
        ? $"{WordOf(Resource)}={Amount}%"
        : $"{(Resource == QuotaResource.Storage ? "bytes" : "messages")}={Amount}";

    /// <summary>The word of the resource in settings, keys and the environment of scripts.</summary>
    public static string WordOf(QuotaResource resource) =>
        resource == QuotaResource.Storage ? "storage" : "messages";

    /// <summary>How much of this part's resource that is.</summary>
    public long Of(Usage usage) => Resource == QuotaResource.Storage ? usage.Bytes : usage.Messages;

    /// <summary>What is allowed of this part's resource; 0 = unlimited.</summary>
    public long Of(QuotaLimit limit) => Resource == QuotaResource.Storage ? limit.Bytes : limit.Messages;

    /// <summary>
    /// From which usage on it is reached, in bytes or messages; 0 when there is none, as for a percentage of an
    /// unlimited resource. Truncated, as Dovecot computes it.
    /// </summary>
    public Int128 LevelOf(QuotaLimit limit)
    {
        if (!IsPercent) return Amount;
        var allowed = Of(limit);
        return allowed <= 0 ? 0 : (Int128)allowed * Amount / 100;
    }

    /// <summary>
    /// How high it is, in percent of the limit, for choosing among several; an absolute one without a limit counts as
    /// 100.
    /// </summary>
    internal double RankOf(QuotaLimit limit)
    {
        if (IsPercent) return Amount;
        var allowed = Of(limit);
        return allowed <= 0 ? 100 : Amount * 100.0 / allowed;
    }

    public override string ToString() => Text;
}
