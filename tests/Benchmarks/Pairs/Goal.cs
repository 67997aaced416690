using System.Globalization;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>What PERFORMANCE asks of a row. Immutable.</summary>
/// <param name="Text">For the table.</param>
/// <param name="Reached">Given their number and ours.</param>
internal sealed record Goal(string Text, Func<double, double, bool> Reached)
{
    /// <summary>No goal of its own: shown beside a row that has one.</summary>
    public static Goal None { get; } = new("", (_, _) => true);

    /// <summary>Ours takes at most so many times what theirs takes.</summary>
    public static Goal Ratio(double most) =>
        new(FormattableString.Invariant($"<= {most:0.##} of it"), (theirs, ours) => ours <= most * theirs);

    /// <summary>Ours has at least such a part of the speed of C.</summary>
    public static Goal Speed(double least) =>
        new(FormattableString.Invariant($">= {least:0.##} of its speed"), (theirs, ours) => theirs / ours >= least);

    /// <summary>Ours is so many times faster.</summary>
    public static Goal Faster(double least) =>
        new(FormattableString.Invariant($">= {least:0.##} times faster"), (theirs, ours) => theirs / ours >= least);

    public static Goal AtMost(double most, string unit) =>
        new(string.Create(CultureInfo.InvariantCulture, $"<= {most:0.##} {unit}"), (_, ours) => ours <= most);
}
