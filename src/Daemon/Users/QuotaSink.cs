using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Users;

/// <summary>
/// Hands every accepted usage to whoever judges it: the warnings of each quota root, the sums of groups, the over-quota
/// flag. What could not be counted says nothing.
/// </summary>
/// <param name="quotas">What applies to each user.</param>
/// <param name="warnings">Remembers and runs.</param>
/// <param name="flags">Who corrects over-quota flags; those of the end are disposed with this.</param>
internal sealed class QuotaSink(UserQuotas quotas, WarningService warnings, IReadOnlyList<FlagKeeper> flags)
    : IChangeSink, IAsyncDisposable
{
    private const int Largest = 5;

    private readonly Dictionary<string, GroupUsage> _groups = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private volatile InForce _inForce = new(quotas, flags);
    private bool _begun;

    /// <summary>What applies to each user.</summary>
    public UserQuotas Quotas => _inForce.Quotas;

    /// <summary>Who corrects the over-quota flags.</summary>
    public IReadOnlyList<FlagKeeper> Flags => _inForce.Flags;

    /// <summary>Others from now on. The caller disposes what is not among the flags any more, and repeats what each
    /// mailbox holds.</summary>
    public void Set(UserQuotas quotas, IReadOnlyList<FlagKeeper> flags) => _inForce = new InForce(quotas, flags);

    /// <summary>Under which the warnings of one root of a mailbox are remembered.</summary>
    public static string KeyOf(string mailbox, UserRoot root) =>
        root.IsHierarchy ? $"{mailbox}\n{root.Root.Name}" : mailbox;

    /// <summary>The same for a group of mailboxes.</summary>
    public static string KeyOfGroup(UserRoot root, string group) => $"group:{root.Root.Name}\n{group}";

    /// <summary>Every mailbox has been counted once: sums of many are right from now on.</summary>
    public void Begin()
    {
        GroupUsage[] groups;
        lock (_lock)
        {
            _begun = true;
            groups = [.. _groups.Values];
        }

        foreach (var group in groups)
            group.Begin();
    }

    /// <summary>What a group holds together, and the limit it is judged by; null before <see cref="Begin"/>, and of a
    /// root that is none.</summary>
    public (Usage Usage, QuotaLimit? Limit)? SumOf(string root, string group)
    {
        lock (_lock)
            return _begun && _groups.TryGetValue(root, out var sums) ? sums.Of(group) : null;
    }

    /// <inheritdoc/>
    public void Accept(Mailbox mailbox, UsageChange change)
    {
        if (change.Action == LedgerAction.Failed)
            return;
        var (quotas, flags) = _inForce;
        var quota = quotas.Of(mailbox.User);
        // Counted by rules of before: it is told again as soon as the mailbox has those of now.
        if (mailbox.Roots != quota.Mailbox.Roots || mailbox.Accountant.Limit != quota.Mailbox.Limit)
            return;
        var limit = change.Limit ?? QuotaLimit.Unlimited;
        var hierarchy = 0;
        foreach (var root in quota.Roots)
        {
            if (root.IsHierarchy)
                Judge(mailbox, root, UsageOf(change, hierarchy++), root.Limit, KeeperOf(root, flags));
            else if (!root.IsGroup)
                Judge(mailbox, root, change.After, limit, KeeperOf(root, flags));
            else if (root.GroupOf(mailbox.User) is { } group)
                SumsOf(root.Root).Accept(
                    mailbox.Id, group, AllOf(change, quota.Roots[0].Root.Namespace is null),
                    quota.Problem is null ? root : null);
        }
    }

    /// <summary>How the scripts of over-quota flags are run from now on.</summary>
    public void SetOptions(WarningOptions options, TimeSpan interval)
    {
        foreach (var keeper in Flags)
            keeper.Service.SetOptions(options, interval);
    }

    /// <inheritdoc/>
    public bool HearsAgain => true;

    /// <inheritdoc/>
    public void Forget(Mailbox mailbox)
    {
        lock (_lock)
            foreach (var group in _groups.Values)
                group.Forget(mailbox.Id);
        var (quotas, flags) = _inForce;
        foreach (var root in quotas.Of(mailbox.User).Roots.Where(root => !root.IsGroup))
        {
            var key = KeyOf(mailbox.Path.Display, root);
            warnings.SetAbsent(key);
            KeeperOf(root, flags)?.Service.Forget(key);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var keeper in Flags)
            await keeper.DisposeAsync().ConfigureAwait(false);
    }

    private static Usage UsageOf(UsageChange change, int hierarchy) =>
        change.OtherRoots is { } others && hierarchy < others.Length ? others[hierarchy] : Usage.Zero;

    /// <summary>A group's real use: what has a limit of its own in the mailbox, too; not what rules ignore.</summary>
    private static Usage AllOf(UsageChange change, bool countsAll)
    {
        var (bytes, messages) = ((Int128)change.After.Bytes, change.After.Messages);
        foreach (var other in countsAll ? [] : change.OtherRoots ?? [])
            (bytes, messages) = (bytes + other.Bytes, messages + other.Messages);
        return new Usage((long)Int128.Min(bytes, long.MaxValue), messages);
    }

    private static WarningSubject SubjectOf(Mailbox mailbox, UserRoot root) =>
        new(KeyOf(mailbox.Path.Display, root), mailbox.User, mailbox.Path.Display, root.Key);

    private static IReadOnlyList<WarningRule>? OwnOf(UserRoot root) => root.HasOwnWarnings ? root.Warnings : null;

    private static FlagKeeper? KeeperOf(UserRoot root, IReadOnlyList<FlagKeeper> flags) =>
        flags.FirstOrDefault(keeper => keeper.Root == root.Root.Name);

    private void Judge(Mailbox mailbox, UserRoot root, Usage usage, QuotaLimit limit, FlagKeeper? keeper)
    {
        keeper?.Service.Check(
            mailbox.User, SubjectOf(mailbox, root), keeper.Flag.IsSet(root.Flag), OverFlag.IsOver(usage, limit),
            root.Flag);
        if (root.Warnings.Count > 0)
            warnings.Accept(
                SubjectOf(mailbox, root), usage, limit,
                () => mailbox.Accountant.Index.LargestFolders(Largest), OwnOf(root),
                root.IsHierarchy ? null : () => OwnMessages.In(mailbox));
    }

    private GroupUsage SumsOf(QuotaRoot root)
    {
        lock (_lock)
        {
            if (_groups.TryGetValue(root.Name, out var known))
                return known;
            var sums = new GroupUsage((group, usage, applies) =>
            {
                if (applies.Warnings.Count > 0)
                    warnings.Accept(
                        new WarningSubject(KeyOfGroup(applies, group), group, "", applies.Key),
                        usage, applies.Limit, null, OwnOf(applies));
            });
            _groups.Add(root.Name, sums);
            if (_begun)
                sums.Begin();
            return sums;
        }
    }

    /// <summary>What changes together.</summary>
    private sealed record InForce(UserQuotas Quotas, IReadOnlyList<FlagKeeper> Flags);
}
