using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// Reads a number of Dovecot's settings: sign, digits, unit. Units b, k, m, g, t (powers of 1024) and % in any case; of
/// a longer unit the first letter counts (Dovecot: <c>1MB</c>, <c>1Mxyz</c>). Blanks before the unit are Dovecot
/// 2.4's. Pure.
/// </summary>
internal static class AmountText
{
    /// <summary>Dovecot: above -100 and below 2^32 - 1.</summary>
    private const long LowestPercent = -99, HighestPercent = uint.MaxValue - 1;

    private static readonly string[] Spellings = ["", "b", "i", "ib"];

    /// <param name="text">The whole setting, of which columns are told.</param>
    /// <param name="at">Where the number begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="name">What it is, for errors: <c>storage limit</c>.</param>
    /// <param name="multiplier">What a number without unit is multiplied by.</param>
    /// <param name="notes">Gets what may surprise.</param>
    /// <param name="amount">The number; <c>unlimited</c> is <see cref="RuleAmount.Unlimited"/>.</param>
    /// <param name="error">As <see cref="Fault"/> writes it.</param>
    public static bool TryRead(
        string text, int at, int end, string name, long multiplier, List<string> notes,
        out RuleAmount amount, [NotNullWhen(false)] out string? error)
    {
        amount = RuleAmount.Unlimited;
        error = null;
        end = at + text.AsSpan(at, end - at).TrimEnd().Length;
        if (text.AsSpan(at, end - at).Equals("unlimited", StringComparison.OrdinalIgnoreCase))
            return true;

        var signed = at < end && text[at] is '+' or '-' ? at + 1 : at;
        var unit = signed;
        while (unit < end && char.IsAsciiDigit(text[unit]))
            unit++;
        if (unit == signed)
        {
            return Fault.At(at, $"Invalid {name}: {text[at..end]}", "a number is missing; write for example 100M",
                out error);
        }
        if (!long.TryParse(text.AsSpan(at, unit - at), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out var number))
        {
            return Fault.At(at, $"Invalid {name}: {text[at..end]}", $"the largest number is {long.MaxValue}",
                out error);
        }

        while (unit < end && text[unit] is ' ' or '\t')
            unit++;
        return TryApplyUnit(text, unit, end, number, multiplier, notes, out amount, out error);
    }

    /// <summary>Reads a setting that is one number of bytes, or percent, and not below 0.</summary>
    /// <param name="name">The key of the setting.</param>
    public static bool TryReadPositive(
        string text, string name, out RuleAmount amount, [NotNullWhen(false)] out string? error)
    {
        var start = text.Length - text.AsSpan().TrimStart().Length;
        var end = Math.Max(start, text.AsSpan().TrimEnd().Length);
        if (!TryRead(text, start, end, name, 1, [], out amount, out error))
            return false;
        return text[start] != '-' || Fault.At(start, $"{name} can't be negative", "remove '-'", out error);
    }

    private static bool TryApplyUnit(
        string text, int at, int end, long number, long multiplier, List<string> notes,
        out RuleAmount amount, [NotNullWhen(false)] out string? error)
    {
        amount = default;
        error = null;
        var unit = text[at..end];
        if (unit.Length > 0 && unit[0] == '%')
        {
            amount = new RuleAmount(number, true);
            if (number is < LowestPercent or > HighestPercent)
                return Fault.At(at, "Invalid percentage", $"use {LowestPercent} to {HighestPercent}", out error);
            if (unit is not ("%" or "%%"))
                notes.Add(Fault.Text(at, $"'{unit}' is read as %", "write % alone"));
            return true;
        }

        var letter = unit.Length == 0 ? '\0' : char.ToUpperInvariant(unit[0]);
        var power = "BKMGT".IndexOf(letter, StringComparison.Ordinal);
        if (unit.Length > 0 && power < 0)
        {
            return Fault.At(at, $"Unknown unit: {unit}", "use whole numbers and b, k, M, G, T or %, for example 1536M",
                out error);
        }
        if (unit.Length > 1 && !Spellings.Contains(unit[1..], StringComparer.OrdinalIgnoreCase))
            notes.Add(Fault.Text(at, $"'{unit}' is read as {letter}", $"write {letter} alone"));
        amount = new RuleAmount(RuleAmount.Clamp((Int128)number * (power < 0 ? multiplier : 1L << (10 * power))));
        return true;
    }
}
