using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Config;

/// <summary>
/// What is wrong with settings of one quota root that can each be read, wherever they stand: in the configuration, or
/// in the fields of a user. Null for nothing; what and cure, without the name of the setting.
/// </summary>
internal static class RootCheck
{
    public static string? FlawOf(QuotaRoot root, QuotaRule rule) =>
        root.Kind == QuotaRootKind.Group && !rule.IsDefault
            ? $"a group of mailboxes has no folders, so a rule of {rule.Mask} does nothing; write quota_ruleN = {rule} "
                + "for the mailboxes, or remove it"
            : null;

    /// <param name="warning">The one to be checked.</param>
    /// <param name="others">Those of the root that have been taken already.</param>
    public static string? FlawOf(WarningRule warning, IReadOnlyList<WarningRule> others) =>
        warning.Command.Length == 0 ? $"no command; write {warning.Key} /path/to/command"
        : UnknownVariable(warning.Command) is { } variable ? $"unknown variable '{variable}'; use %u (user), %n "
            + "(before the @), %d (domain), or %% for a percent sign"
        : others.Any(other => other.Key == warning.Key) ? $"{warning.Key} already has a warning; keep one, which may "
            + "run several programs from one script"
        : null;

    private static string? UnknownVariable(string[] command)
    {
        foreach (var word in command)
            for (var at = word.IndexOf('%'); at >= 0; at = word.IndexOf('%', at + 2))
            {
                var rest = word.AsSpan(at);
                if (rest.Length > 1 && !rest.StartsWith("%{user}") && rest[1] is not ('u' or 'n' or 'd' or '%'))
                    return rest[..2].ToString();
                if (at + 2 > word.Length)
                    break;
            }

        return null;
    }
}
