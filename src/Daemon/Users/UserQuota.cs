using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Users;

/// <summary>
/// What applies to a user, and to everybody of whom the source of limits says the same: the configuration's quota
/// roots, with his own rules over theirs. Immutable.
/// </summary>
internal sealed class UserQuota
{
    private UserQuota(IReadOnlyList<UserRoot> roots, string? flag, string? problem) =>
        (Roots, Flag, Problem) = (roots, flag, problem);

    /// <summary>In the order of the configuration; the first is what <c>maildirsize</c> counts.</summary>
    public IReadOnlyList<UserRoot> Roots { get; }

    /// <summary>The user's <c>quota_over_flag</c>; null when the source has none.</summary>
    public string? Flag { get; }

    /// <summary>For people: what of the user's own settings cannot be read; his limits are left as they are.</summary>
    public string? Problem { get; }

    /// <summary>What his mailboxes are followed by.</summary>
    public required MailboxRules Mailbox { get; init; }

    /// <summary>Of a user of whom no source has spoken yet: nothing is imposed on him.</summary>
    public static UserQuota Unknown(
        QuotaSettings settings, Func<RuleSet, (QuotaRoot, RuleSet)[], IFolderRoots> folders) => new([], null, null)
    {
        Mailbox = Of(settings, null, folders).Mailbox with { Limit = null },
    };

    /// <param name="settings">The configuration.</param>
    /// <param name="fields">What the source of limits says of the user; null when it knows nothing.</param>
    /// <param name="folders">Gives the same object for the same folders.</param>
    public static UserQuota Of(
        QuotaSettings settings, UserFields? fields, Func<RuleSet, (QuotaRoot, RuleSet)[], IFolderRoots> folders)
    {
        string? problem = null;
        var roots = settings.Roots.Select((root, index) => Root(root, index + 1, fields, ref problem)).ToArray();
        var hierarchies = roots.Where(root => root.IsHierarchy)
            .Select(root => (root.Root, root.Rules)).ToArray();
        return new UserQuota(roots, fields?["quota_over_flag"], problem)
        {
            // Who wrote something that cannot be read wanted another limit than the others': nobody knows which.
            Mailbox = new MailboxRules(
                folders(roots[0].Rules, hierarchies), problem is null ? roots[0].Rules.Default : null),
        };
    }

    private static UserRoot Root(RootSettings settings, int number, UserFields? fields, ref string? problem)
    {
        var rules = new List<QuotaRule>();
        var warnings = settings.Warnings.ToList();
        var grace = settings.Grace;
        foreach (var (name, value) in fields ?? UserFields.Empty)
        {
            if (!QuotaKey.TryParse(name, out var key) || key.Root != number)
                continue;
            string? error = null;
            switch (key.Word)
            {
                case "rule":
                    if (QuotaRule.TryParse(value, out var rule, out error))
                        rules.Add(rule);
                    break;
                case "warning":
                    if (WarningRule.TryParse(value, out var warning, out error))
                        Replace(warnings, key.Number, warning);
                    break;
                case "grace":
                    if (Grace.TryParse(value, out var own, out error))
                        grace = own;
                    break;
            }

            problem ??= error is null ? null : $"{name}: {error}";
        }

        return new UserRoot(settings.Root, settings.Rules.With(rules), warnings, grace)
        {
            OwnRules = rules,
            HasOwnWarnings = !warnings.SequenceEqual(settings.Warnings),
        };
    }

    /// <summary>The same, only that warnings are logged and nothing runs.</summary>
    public UserQuota WithoutCommands() => new(
        [
            .. Roots.Select(root => root with
            {
                Warnings = [.. root.Warnings.Select(warning => warning with { Command = [] })],
            }),
        ],
        Flag, Problem) { Mailbox = Mailbox };

    /// <summary>A user's <c>quota_warning2</c> stands for the configuration's of that number, as in Dovecot.</summary>
    private static void Replace(List<WarningRule> warnings, int number, WarningRule warning)
    {
        if (number <= warnings.Count)
            warnings[number - 1] = warning;
        else
            warnings.Add(warning);
    }
}

/// <summary>One quota root as it applies to a user. Immutable.</summary>
/// <param name="Root">Its name and kind.</param>
/// <param name="Rules">The configuration's rules with the user's own over them.</param>
/// <param name="Warnings">What is run when.</param>
/// <param name="Grace">How far one message may go beyond the limit.</param>
internal sealed record UserRoot(
    QuotaRoot Root, RuleSet Rules, IReadOnlyList<WarningRule> Warnings, Grace Grace)
{
    /// <summary>Those of the rules that the user's source says.</summary>
    public IReadOnlyList<QuotaRule> OwnRules { get; init; } = [];

    /// <summary>His source says other warnings than the configuration.</summary>
    public bool HasOwnWarnings { get; init; }

    /// <summary>Under which its warnings are configured: the mailbox's own root has no name there.</summary>
    public string Key => IsHierarchy || IsGroup ? Root.Name : "";

    /// <summary>Some folders of each mailbox.</summary>
    public bool IsHierarchy => Root is { Kind: QuotaRootKind.Mailbox, Namespace.Length: > 0 };

    /// <summary>Many mailboxes together.</summary>
    public bool IsGroup => Root.Kind == QuotaRootKind.Group;

    /// <summary>The group a user belongs to; null for none, as without a domain in a root of domains.</summary>
    public string? GroupOf(string user) => Root.By?.GroupOf(user);
}
