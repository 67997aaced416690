using System.Diagnostics.CodeAnalysis;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// One <c>quota_warning</c>: limits, and the command that runs when usage comes to one of them, or
/// (<see cref="Below"/>) falls below one. Immutable.
/// </summary>
/// <param name="Parts">At least one, each resource at most once; any of them is enough.</param>
/// <param name="Below">True when it runs on falling below instead of on reaching.</param>
/// <param name="Command">
/// What runs, see <see cref="CommandTarget"/>, and its arguments; empty when the warning is only logged.
/// </param>
public sealed record WarningRule(IReadOnlyList<WarningPart> Parts, bool Below, string[] Command)
{
    /// <summary>Stable, without blanks: <c>storage=80%</c>, <c>-storage=50%:messages=50%</c>.</summary>
    public string Key { get; } = $"{(Below ? "-" : "")}{string.Join(':', Parts.Select(part => part.Text))}";

    /// <summary>A percentage of one resource.</summary>
    public static WarningRule OfPercent(QuotaResource resource, int percent, bool below, string[] command) =>
        new([new WarningPart(resource, percent)], below, command);

    /// <summary>
    /// Parses Dovecot's form <c>[+|-]storage=80%%:messages=900 quota-warning 80 %u</c>; the command is optional.
    /// </summary>
    /// <param name="error">What is wrong, where (column, from 1) and how to write it; null when parsed.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out WarningRule? rule, [NotNullWhen(false)] out string? error) =>
        WarningRuleParser.TryParse(text, out rule, out error);

    /// <summary>The name under which the memory of one part is stored; rules with the same part share it.</summary>
    public string MemoryKey(WarningPart part) => Below ? "-" + part.Text : part.Text;

    public override string ToString() => Command.Length == 0 ? Key : $"{Key} {string.Join(' ', Command)}";
}
