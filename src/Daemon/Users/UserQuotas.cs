using System.Collections.Concurrent;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Rules;
using Serilog;

namespace MaildirQuotaWatcher.Users;

/// <summary>
/// What applies to each user now: one object for all of whom the source of limits says the same. Any thread; a new one
/// is made when the configuration changes.
/// </summary>
/// <param name="settings">The configuration.</param>
/// <param name="policy">What counts where no rule says otherwise.</param>
/// <param name="limits">The sources of limits of single users; null when none is configured.</param>
internal sealed class UserQuotas(QuotaSettings settings, CountingPolicy policy, LimitService? limits)
{
    private readonly ConcurrentDictionary<UserFields, UserQuota> _known = new();
    // Those that no mailbox has any more go.
    private readonly Dictionary<string, WeakReference<IFolderRoots>> _folders = new(StringComparer.Ordinal);
    private int _mostFolders;
    private UserQuota? _usual;
    private UserQuota? _unknown;

    public QuotaSettings Settings => settings;

    /// <summary>So many different sets of fields are kept at most; more are made again when they are needed.</summary>
    public int Capacity { get; init; } = 200_000;

    /// <summary>Nobody's warnings have a command: they are only logged.</summary>
    public bool RunsNothing { get; init; }

    public UserQuota Of(string user)
    {
        if (limits is null)
            return _usual ??= UserQuota.Of(settings, null, FoldersOf);
        // Until the sources have answered, his limit stays what his maildirsize says, and nobody is warned.
        var fields = limits.Get(user) ?? (limits.HasAsked(user) ? UserFields.Empty : null);
        if (fields is null)
            return _unknown ??= UserQuota.Unknown(settings, FoldersOf);
        if (_known.TryGetValue(fields, out var known))
            return known;
        var quota = UserQuota.Of(settings, fields, FoldersOf);
        if (RunsNothing)
            quota = quota.WithoutCommands();
        if (quota.Problems.Count + quota.Remarks.Count > 0)
            Tell(user, quota, limits.SourceOf(user)?.Name ?? "the source of limits");
        if (_known.Count >= Capacity)
            _known.Clear();
        return _known.GetOrAdd(fields, quota);
    }

    /// <summary>Once for all of whom the same is said.</summary>
    private static void Tell(string user, UserQuota quota, string source)
    {
        foreach (var problem in quota.Problems)
            Log.Error("{User}, and all of whom {Source} says the same: {Problem}; their limit stays what their "
                + "maildirsize says", user, source, problem);
        foreach (var remark in quota.Remarks)
            Log.Warning("{User}, and all of whom {Source} says the same: {Remark}", user, source, remark);
    }

    /// <summary>Few rules ignore folders, and mailboxes share what is kept for the same ones.</summary>
    private IFolderRoots FoldersOf(RuleSet user, (QuotaRoot Root, RuleSet Rules)[] hierarchies)
    {
        if (hierarchies.Length == 0 && Ignored(user).Length == 0)
            return policy;
        var key = string.Join('\n', hierarchies.Select(other => $"{other.Root.Namespace}:{Ignored(other.Rules)}")
            .Prepend(Ignored(user)));
        lock (_folders)
        {
            if (_folders.TryGetValue(key, out var weak) && weak.TryGetTarget(out var known))
                return known;
            if (_folders.Count >= _mostFolders)
            {
                foreach (var (text, roots) in _folders)
                    if (!roots.TryGetTarget(out _))
                        _folders.Remove(text);
                _mostFolders = Math.Max(100, 2 * _folders.Count);
            }

            var fresh = new FolderRoots(policy, settings.Roots[0].Root, user, hierarchies);
            _folders[key] = new WeakReference<IFolderRoots>(fresh);
            return fresh;
        }

        // The first rule that matches decides, so one that ignores nothing may keep others from ignoring.
        static string Ignored(RuleSet rules) => rules.Folders.Any(rule => rule.Ignore)
            ? string.Join('\t', rules.Folders.Select(rule => (rule.Ignore ? '-' : '+') + rule.Mask))
            : "";
    }
}
