using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Rules;

namespace MaildirQuotaWatcher.Users;

/// <summary>
/// What applies to a user, and to everybody of whom the source of limits says the same: the configuration's quota
/// roots, with his own settings over theirs. Immutable.
/// </summary>
internal sealed record UserQuota
{
    private UserQuota()
    {
    }

    /// <summary>In the order of the configuration; the first is what <c>maildirsize</c> counts.</summary>
    public required IReadOnlyList<UserRoot> Roots { get; init; }

    /// <summary>For people: what of the user's own settings cannot be read; his limits are left as they are.</summary>
    public string? Problem => Problems.Count > 0 ? Problems[0] : null;

    /// <summary>All that cannot be read.</summary>
    public IReadOnlyList<string> Problems { get; private init; } = [];

    /// <summary>What of his own settings does nothing, for people.</summary>
    public IReadOnlyList<string> Remarks { get; private init; } = [];

    /// <summary>The largest message that is let in.</summary>
    public MaxMailSize MaxMailSize { get; private init; }

    /// <summary>What a sender is told when the mailbox is full.</summary>
    public string ExceededMessage { get; private init; } = QuotaSettings.UsualExceededMessage;

    /// <summary>What his mailboxes are followed by.</summary>
    public required MailboxRules Mailbox { get; init; }

    /// <summary>Of a user of whom no source has spoken yet: nothing is imposed on him.</summary>
    public static UserQuota Unknown(
        QuotaSettings settings, Func<RuleSet, (QuotaRoot, RuleSet)[], IFolderRoots> folders) => new()
    {
        Roots = [],
        Mailbox = Of(settings, null, folders).Mailbox with { Limit = null },
    };

    /// <param name="settings">The configuration.</param>
    /// <param name="fields">What the source of limits says of the user; null when it knows nothing.</param>
    /// <param name="folders">Gives the same object for the same folders.</param>
    public static UserQuota Of(
        QuotaSettings settings, UserFields? fields, Func<RuleSet, (QuotaRoot, RuleSet)[], IFolderRoots> folders)
    {
        var reader = new UserFieldReader(settings, fields ?? UserFields.Empty);
        var roots = reader.Read();
        var hierarchies = roots.Where(root => root.IsHierarchy)
            .Select(root => (root.Root, root.Rules)).ToArray();
        return new UserQuota
        {
            Roots = roots,
            Problems = reader.Problems,
            Remarks = reader.Remarks,
            MaxMailSize = reader.MaxMailSize,
            ExceededMessage = reader.ExceededMessage,
            // Who wrote something that cannot be read wanted another limit than the others': nobody knows which.
            Mailbox = new MailboxRules(
                folders(roots[0].Rules, hierarchies), reader.Problems.Count == 0 ? roots[0].Rules.Default : null),
        };
    }

    /// <summary>The same, only that warnings are logged and nothing runs.</summary>
    public UserQuota WithoutCommands() => this with
    {
        Roots =
        [
            .. Roots.Select(root => root with
            {
                Warnings = [.. root.Warnings.Select(warning => warning with { Command = [] })],
            }),
        ],
    };
}
