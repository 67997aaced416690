using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Control;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.State;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Users;
using MaildirQuotaWatcher.Warnings;
using Serilog;

namespace MaildirQuotaWatcher.Cli.Explain;

/// <summary>Gathers what is known of a mailbox: asks the sources of limits, counts what lies on disk.</summary>
internal static class MailboxFacts
{
    /// <summary>The word of the service's control socket for the usage of a group.</summary>
    public const string GroupWord = "group";

    /// <returns>Null, with the reason, when the mailbox cannot be read.</returns>
    public static async Task<(Explanation? Known, string? Problem)> GatherAsync(
        Settings settings, Whom whom, CancellationToken stop)
    {
        var path = BytePath.FromString(whom.Path);
        if (MailboxDirectory.Find(path, followLinks: true, out var errno) is not { } directory
            || directory.Open(out errno) is not (>= 0 and var root))
            return (null, new SystemCallError("open", whom.Path, errno) + Cure.For(errno));
        if (!Files.StatAt(root, "cur"u8, followLinks: true, out _, out _))
        {
            Files.Close(root);
            return (null, $"{whom.Path} is not a Maildir: it has no cur; name the directory that has");
        }

        var (quota, source, troubles) = await QuotaOfAsync(settings, whom.User, stop).ConfigureAwait(false);
        var policy = WatcherService.PolicyOf(settings);
        var ledger = LedgerFile.Read(root, path, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        using var crew = new StatCrew();
        var folders = new MailboxCounter(policy, root, directory.Owner, crew, quota.Mailbox.Roots).Folders(out errno);
        Files.Close(root);
        if (errno.IsError)
            return (null, new SystemCallError("read", whom.Path, errno) + Cure.For(errno));

        var sums = new Dictionary<string, Usage?>(StringComparer.Ordinal);
        foreach (var group in quota.Roots.Where(group => group.IsGroup))
            if (group.GroupOf(whom.User) is { } name)
                sums[group.Root.Name] = await SumAsync(settings, group.Root, name, stop).ConfigureAwait(false);
        return (new Explanation
        {
            Whom = whom,
            Quota = quota,
            Source = source,
            Troubles = troubles,
            Folders = folders,
            Ledger = ledger,
            Policy = policy,
            WarningPolicy = RunCommand.OptionsOf(settings.Warnings).Policy,
            StateOf = key => WarningStore.Look(settings.State.Directory, key).State?.State ?? WarningState.Empty,
            GroupUsage = (group, _) => sums.GetValueOrDefault(group.Name),
            Now = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
        }, null);
    }

    /// <summary>What applies to a user, his source asked now.</summary>
    /// <returns>With the source that knows him, and what went wrong with asking.</returns>
    public static async Task<(UserQuota Quota, string? Source, List<string> Troubles)> QuotaOfAsync(
        Settings settings, string user, CancellationToken stop)
    {
        var (fields, source, troubles) = await AskAsync(settings, user, stop).ConfigureAwait(false);
        var policy = WatcherService.PolicyOf(settings);
        var quota = UserQuota.Of(
            settings.Quota, fields,
            (rules, hierarchies) => new FolderRoots(policy, settings.Quota.Roots[0].Root, rules, hierarchies));
        return (quota, source, troubles);
    }

    /// <summary>The first source that knows him; one that cannot be asked is said.</summary>
    private static async Task<(UserFields? Fields, string? Source, List<string> Troubles)> AskAsync(
        Settings settings, string user, CancellationToken stop)
    {
        var troubles = new List<string>();
        foreach (var spec in settings.Limits.Sources)
        {
            var source = spec.Create(Log.Logger);
            await using var _ = source.ConfigureAwait(false);
            try
            {
                if (await source.FindAsync(user, stop).ConfigureAwait(false) is { } fields)
                    return (fields, $"{source.Name} ({fields})", troubles);
            }
            catch (LimitSourceException problem)
            {
                troubles.Add($"{source.Name}: {problem.Message}; the service keeps the limit it had, shown is the "
                    + "configuration's");
                break;
            }
        }

        return (null, null, troubles);
    }

    private static async Task<Usage?> SumAsync(
        Settings settings, QuotaRoot root, string group, CancellationToken stop)
    {
        var (answer, _) = await ControlSocket.AskAsync(
            settings.State.Directory, [GroupWord, root.Name, group], stop).ConfigureAwait(false);
        return answer?.Split(' ') is [var bytes, var messages]
            && long.TryParse(bytes, out var held) && long.TryParse(messages, out var count)
            ? new Usage(held, count)
            : null;
    }
}
