using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MaildirQuotaWatcher.Quota;

/// <summary>Sizes as people write and read them; K, M, G, T are powers of 1024, a bare number is bytes. Pure.</summary>
public static class SizeText
{
    private const string Units = "KMGT";

    /// <summary>Parses <c>100M</c>, <c>1.5g</c>, <c>2 GiB</c>, <c>4096</c>; never negative.</summary>
    public static bool TryParse(string text, out long bytes, [NotNullWhen(false)] out string? error)
    {
        bytes = 0;
        var trimmed = text.AsSpan().Trim();
        var end = 0;
        while (end < trimmed.Length && (char.IsAsciiDigit(trimmed[end]) || trimmed[end] == '.')) end++;
        const NumberStyles Style = NumberStyles.AllowDecimalPoint;
        if (!decimal.TryParse(trimmed[..end], Style, CultureInfo.InvariantCulture, out var number)
            || !TryReadUnit(trimmed[end..].Trim(), out var multiplier))
        {
            error = $"'{text}' is not a size; write for example 100M, 1G, or a number of bytes";
            return false;
        }
        if (number > long.MaxValue / (decimal)multiplier)
        {
            error = $"'{text}' is too large; the largest size is {long.MaxValue} bytes";
            return false;
        }
        bytes = (long)(number * multiplier);
        error = null;
        return true;
    }

    /// <summary>
    /// Formats for a line of output: <c>512 B</c>, <c>1.5 GB</c>; one decimal below a hundred, rounded half up, as
    /// quota-warning does.
    /// </summary>
    public static string Format(long bytes)
    {
        var (size, unit) = (Math.Abs((decimal)bytes), -1);
        for (; size >= 1023.5m && unit + 1 < Units.Length; unit++)
            size /= 1024;
        var digits = Math.Round(size, size >= 99.95m ? 0 : 1, MidpointRounding.AwayFromZero)
            .ToString("0.#", CultureInfo.InvariantCulture);
        return $"{(bytes < 0 ? "-" : "")}{digits} {(unit < 0 ? "" : Units[unit])}B";
    }

    private static bool TryReadUnit(ReadOnlySpan<char> unit, out long multiplier)
    {
        multiplier = 1;
        if (unit.IsEmpty || unit.Equals("b", StringComparison.OrdinalIgnoreCase)) return true;
        var power = Units.IndexOf(char.ToUpperInvariant(unit[0]), StringComparison.Ordinal);
        if (power < 0) return false;
        var rest = unit[1..];
        if (!rest.IsEmpty && !rest.Equals("b", StringComparison.OrdinalIgnoreCase)
            && !rest.Equals("ib", StringComparison.OrdinalIgnoreCase)
            && !rest.Equals("i", StringComparison.OrdinalIgnoreCase)) return false;
        for (var i = 0; i <= power; i++) multiplier *= 1024;
        return true;
    }
}
