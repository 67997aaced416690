using System.Diagnostics.CodeAnalysis;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// One <c>quota_warning</c>: a percentage of the limit of one resource and the command that runs when usage comes to
/// it, or (<see cref="Below"/>) falls below it. Immutable.
/// </summary>
/// <param name="Resource">What is compared.</param>
/// <param name="Percent">Percentage of the limit, 1 to 1000.</param>
/// <param name="Below">True when it runs on falling below instead of on reaching.</param>
/// <param name="Command">Program and arguments; empty when the warning is only logged.</param>
public sealed record Threshold(QuotaResource Resource, int Percent, bool Below, string[] Command)
{
    public const int LowestPercent = 1;
    public const int HighestPercent = 1000;

    /// <summary>
    /// The stable name under which state is stored: <c>storage=80%</c>, <c>-messages=100%</c>. No blanks.
    /// </summary>
    public string Key { get; } = $"{(Below ? "-" : "")}{NameOf(Resource)}={Percent}%";

    /// <summary>
    /// Parses Dovecot's form <c>[+|-]storage=80%% /path/command word "two words"</c>; one <c>%</c> or two, command
    /// optional.
    /// </summary>
    /// <param name="error">What is wrong, where (column, from 1) and how to write it; null when parsed.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out Threshold? threshold, [NotNullWhen(false)] out string? error) =>
        ThresholdParser.TryParse(text, out threshold, out error);

    /// <summary>The word of the resource in settings, keys and the environment of scripts.</summary>
    public static string NameOf(QuotaResource resource) =>
        resource == QuotaResource.Storage ? "storage" : "messages";

    public override string ToString() => Command.Length == 0 ? Key : $"{Key} {string.Join(' ', Command)}";
}
