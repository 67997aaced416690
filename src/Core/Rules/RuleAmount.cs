namespace MaildirQuotaWatcher.Rules;

/// <summary>One number of a rule: bytes, messages, or percent of the default limit of that resource.</summary>
/// <param name="Number">Bytes, messages or percent. Of a folder rule it is added to the default limit and may be
/// negative; <c>long.MinValue</c> lifts any limit.</param>
/// <param name="IsPercent">True for percent.</param>
public readonly record struct RuleAmount(long Number, bool IsPercent = false)
{
    /// <summary><c>unlimited</c> in a folder rule: nothing is left of the limit, and that is unlimited.</summary>
    public static RuleAmount Unlimited => new(long.MinValue);

    /// <summary>
    /// In bytes or messages; a percentage is truncated toward zero as Dovecot does, and saturates where Dovecot wraps.
    /// </summary>
    /// <param name="defaultLimit">The default limit of the same resource; 0 = unlimited.</param>
    public long Of(long defaultLimit) => IsPercent ? Clamp((Int128)defaultLimit * Number / 100) : Number;

    /// <summary>The limit of a folder: 0 or less left of the default means unlimited, which is 0 (Dovecot).</summary>
    internal long AddTo(long defaultLimit) => Math.Max(0, Clamp((Int128)defaultLimit + Of(defaultLimit)));

    internal static long Clamp(Int128 number) => (long)Int128.Clamp(number, long.MinValue, long.MaxValue);

    /// <summary>As a rule has it, without sign unless negative: <c>5000</c>, <c>10%</c>, <c>unlimited</c>.</summary>
    public override string ToString() =>
        Number == long.MinValue ? "unlimited" : IsPercent ? $"{Number}%" : $"{Number}";
}
