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
    private readonly bool _countsAll;
    private readonly (QuotaRoot Root, RuleSet Rules)[] _hierarchies;

    /// <param name="policy">Decides where no rule does.</param>
    /// <param name="own">The user's own root: without a namespace it counts the hierarchies, too.</param>
    /// <param name="user">Its rules.</param>
    /// <param name="hierarchies">The roots that cover some folders, in their order.</param>
    public FolderRoots(
        CountingPolicy policy, QuotaRoot own, RuleSet user, (QuotaRoot Root, RuleSet Rules)[] hierarchies) =>
        (_policy, _countsAll, _user, _hierarchies) = (policy, own.Namespace is null, user, hierarchies);

    /// <inheritdoc/>
    public int RootOf(ReadOnlySpan<byte> folderName)
    {
        var name = FolderText.Virtual(folderName);
        for (var number = 1; number <= _hierarchies.Length; number++)
        {
            var (root, rules) = _hierarchies[number - 1];
            if (!root.Covers(name, _hierarchies.Select(other => other.Root)))
                continue;
            if (!rules.IsIgnored(name))
                return number;
            // Its rule is its own: a first root that counts all folders still counts this one (run with Dovecot 2.3).
            return _countsAll && ByUser(folderName, name) ? 0 : -1;
        }

        return ByUser(folderName, name) ? 0 : -1;
    }

    /// <inheritdoc/>
    public bool IsCounted(ReadOnlySpan<byte> folderName) => RootOf(folderName) switch
    {
        0 => true,
        > 0 => _countsAll && ByUser(folderName, FolderText.Virtual(folderName)),
        _ => false,
    };

    private bool ByUser(ReadOnlySpan<byte> folderName, string name) =>
        !_user.IsIgnored(name) && _policy.CountsFolder(folderName);
}
