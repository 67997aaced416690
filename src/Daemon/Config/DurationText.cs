using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MaildirQuotaWatcher.Config;

/// <summary>
/// Spans of time as people write them: a whole number and <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>.
/// </summary>
internal static class DurationText
{
    /// <summary>Parses <c>300ms</c>, <c>5s</c>, <c>2m</c>; the unit is required, except for 0.</summary>
    public static bool TryParse(string text, out TimeSpan duration, [NotNullWhen(false)] out string? error)
    {
        duration = TimeSpan.Zero;
        error = null;
        var trimmed = text.AsSpan().Trim();
        var digits = 0;
        while (digits < trimmed.Length && char.IsAsciiDigit(trimmed[digits])) digits++;
        var known = long.TryParse(trimmed[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        var milliseconds = trimmed[digits..].Trim() switch
        {
            "ms" => 1L,
            "s" => 1000,
            "m" or "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "" when known && number == 0 => 1,
            _ => 0,
        };
        if (!known || milliseconds == 0)
        {
            error = $"'{text}' is not a duration; write for example 300ms, 5s, 2m";
            return false;
        }
        if (number > (long)TimeSpan.FromDays(365).TotalMilliseconds / milliseconds)
        {
            error = $"'{text}' is too long; the longest duration is 365d";
            return false;
        }
        duration = TimeSpan.FromMilliseconds(number * milliseconds);
        return true;
    }

    /// <summary>The shortest exact form: <c>300ms</c>, <c>5s</c>, <c>2m</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        var milliseconds = (long)duration.TotalMilliseconds;
        if (milliseconds == 0) return "0s";
        foreach (var (length, unit) in new[] { (86_400_000L, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s") })
            if (milliseconds % length == 0)
                return $"{milliseconds / length}{unit}";
        return $"{milliseconds}ms";
    }
}
