using System.Diagnostics.CodeAnalysis;

namespace MaildirQuotaWatcher.Rules;

/// <summary><c>quota_max_mail_size</c>: the largest message that is accepted at all, whatever the quota.</summary>
/// <param name="Bytes">0 = unlimited.</param>
public readonly record struct MaxMailSize(long Bytes)
{
    public static MaxMailSize Unlimited => default;

    /// <summary>Exactly this size is accepted (Dovecot: 5120 at <c>5k</c>, 5121 not).</summary>
    public bool Allows(long bytes) => Bytes == 0 || bytes <= Bytes;

    /// <summary>
    /// Parses <c>25M</c>, <c>25 MiB</c>, <c>26214400</c>, <c>unlimited</c>; a bare number is bytes, 0 is unlimited.
    /// </summary>
    public static bool TryParse(string text, out MaxMailSize size, [NotNullWhen(false)] out string? error)
    {
        size = Unlimited;
        if (!AmountText.TryReadPositive(text, "quota_max_mail_size", out var amount, out error))
            return false;
        if (amount.IsPercent)
            return Fault.At(0, "quota_max_mail_size can't be a percentage", "write a size such as 25M", out error);
        size = new MaxMailSize(Math.Max(0, amount.Number));
        return true;
    }
}
