using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Rules;

namespace MaildirQuotaWatcher.Users;

/// <summary>
/// Which quota root each folder belongs to: the hierarchies that have one of their own (Dovecot's <c>ns=</c>), the
/// folders that a rule ignores, and for the others the counting policy. Immutable, any thread.
/// </summary>
internal sealed class FolderRoots : IFolderRoots
{
    private readonly CountingPolicy _policy;
    private readonly RuleSet _user;
    private readonly (QuotaRoot Root, RuleSet Rules)[] _hierarchies;

    /// <param name="policy">Decides where no rule does.</param>
    /// <param name="user">The rules of the user's own root.</param>
    /// <param name="hierarchies">The roots that cover some folders, in their order.</param>
    public FolderRoots(CountingPolicy policy, RuleSet user, (QuotaRoot Root, RuleSet Rules)[] hierarchies) =>
        (_policy, _user, _hierarchies) = (policy, user, hierarchies);

    /// <inheritdoc/>
    public int RootOf(ReadOnlySpan<byte> folderName)
    {
        var name = FolderText.Virtual(folderName);
        for (var number = 1; number <= _hierarchies.Length; number++)
        {
            var (root, rules) = _hierarchies[number - 1];
            if (root.Covers(name, _hierarchies.Select(other => other.Root)))
                return rules.IsIgnored(name) ? -1 : number;
        }

        return _user.IsIgnored(name) ? -1 : _policy.RootOf(folderName);
    }
}
