using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>A time of day, perhaps over midnight, in which nothing is started. Local time. Immutable.</summary>
/// <param name="From">First quiet minute.</param>
/// <param name="To">First minute that is not quiet any more; differs from <paramref name="From"/>.</param>
public sealed record QuietHours(TimeOnly From, TimeOnly To)
{
    /// <summary>Parses <c>22:00-07:00</c>; hours and minutes, 24 hours a day.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out QuietHours? hours, [NotNullWhen(false)] out string? error)
    {
        (hours, error) = (null, null);
        var parts = text.Split('-', StringSplitOptions.TrimEntries);
        if (parts.Length != 2 || !TryReadTime(parts[0], out var from) || !TryReadTime(parts[1], out var to))
            error = $"'{text}' are not quiet hours; write for example 22:00-07:00";
        else if (from == to)
            error = $"'{text}' has no length; write for example 22:00-07:00, or leave it out";
        else
            hours = new QuietHours(from, to);
        return hours is not null;
    }

    /// <summary>How long it is still quiet; zero when it is not quiet.</summary>
    public TimeSpan LeftAt(TimeOnly time) => time.IsBetween(From, To) ? To - time : TimeSpan.Zero;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{From:HH\\:mm}-{To:HH\\:mm}");

    private static bool TryReadTime(string text, out TimeOnly time) => TimeOnly.TryParseExact(
        text, ["HH:mm", "H:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
