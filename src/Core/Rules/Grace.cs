using System.Diagnostics.CodeAnalysis;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// <c>quota_grace</c>: by how much the one message that crosses the limit may exceed it. Bytes only; Dovecot grants it
/// to deliveries and to quota-status, not to IMAP.
/// </summary>
/// <param name="Amount">Bytes, or percent of the root's default limit; never negative.</param>
public readonly record struct Grace(RuleAmount Amount)
{
    /// <summary>10 % (Dovecot 2.3).</summary>
    public static Grace Default => new(new RuleAmount(10, true));

    /// <summary>
    /// Parses <c>10%</c>, <c>10%%</c>, <c>50M</c>, <c>50 MB</c>, <c>0</c>; a bare number is bytes.
    /// </summary>
    public static bool TryParse(string text, out Grace grace, [NotNullWhen(false)] out string? error)
    {
        grace = Default;
        if (!AmountText.TryReadPositive(text, "quota_grace", out var amount, out error))
            return false;
        if (amount == RuleAmount.Unlimited)
            return Fault.At(0, "Invalid quota_grace: unlimited", "to refuse nothing give no limit", out error);
        grace = new Grace(amount);
        return true;
    }

    /// <summary>In bytes.</summary>
    /// <param name="standard">The default limit of the root, also where a folder has another one.</param>
    public long BytesOf(QuotaLimit standard) => Amount.Of(standard.Bytes);

    public override string ToString() => Amount.ToString();
}
