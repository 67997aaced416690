using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Users;

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

    /// <summary>The user's <c>quota_over_flag</c>; null when the source has none.</summary>
    public string? Flag { get; init; }

    /// <summary>The limit that the rules give; unlimited without a rule for it.</summary>
    public QuotaLimit Limit => Rules.Default?.Limit ?? QuotaLimit.Unlimited;

    /// <summary>Under which its warnings are configured: the mailbox's own root has no name there.</summary>
    public string Key => IsHierarchy || IsGroup ? Root.Name : "";

    /// <summary>Some folders of each mailbox.</summary>
    public bool IsHierarchy => Root is { Kind: QuotaRootKind.Mailbox, Namespace.Length: > 0 };

    /// <summary>Many mailboxes together.</summary>
    public bool IsGroup => Root.Kind == QuotaRootKind.Group;

    /// <summary>The group a user belongs to; null for none, as without a domain in a root of domains.</summary>
    public string? GroupOf(string user) => Root.By?.GroupOf(user);
}
