using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Control;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.State;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Users;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Cli.Explain;

/// <summary>Gathers what is known of a mailbox: asks the sources of limits, counts what lies on disk.</summary>
internal static class MailboxFacts
{
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

        var lookup = await QuotaLookup.FindAsync(settings, whom.User, stop).ConfigureAwait(false);
        var policy = WatcherService.PolicyOf(settings);
        var quota = lookup.Quota ?? UserQuota.Unknown(settings.Quota, (_, _) => policy);
        var ledger = LedgerFile.Read(root, path, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        using var crew = new StatCrew();
        var folders = new MailboxCounter(policy, root, directory.Owner, crew, quota.Mailbox.Roots).Folders(out errno);
        Files.Close(root);
        if (errno.IsError)
            return (null, new SystemCallError("read", whom.Path, errno) + Cure.For(errno));

        var sums = new Dictionary<string, (Usage, QuotaLimit?)?>(StringComparer.Ordinal);
        foreach (var group in quota.Roots.Where(group => group.IsGroup))
            if (group.GroupOf(whom.User) is { } name)
                sums[group.Root.Name] = await SumAsync(settings, group.Root, name, stop).ConfigureAwait(false);
        return (new Explanation
        {
            Whom = whom,
            Settings = settings,
            IsKnown = lookup.Quota is not null,
            Quota = quota,
            Source = lookup.Source,
            Troubles = lookup.Troubles,
            Folders = folders,
            Ledger = ledger,
            Policy = policy,
            MemoryOf = key => MemoryOf(settings, key),
            GroupSum = (group, _) => sums.GetValueOrDefault(group.Name),
            Now = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
        }, null);
    }

    /// <summary>What is remembered of the warnings of a mailbox or group, and which of them wait.</summary>
    private static WarningMemory MemoryOf(Settings settings, string key)
    {
        // A directory that may not be entered looks like an empty one.
        var directory = settings.State.Directory;
        if (!Files.Stat(BytePath.FromString(Path.Combine(directory, ".")), followLinks: true, out _, out var errno)
            && errno != Errno.ENOENT)
            return new WarningMemory(WarningState.Empty, [], new SystemCallError("stat", directory, errno).ToString());
        try
        {
            var (stored, due) = WarningStore.Look(directory, key);
            var rules = WatcherService.WarningsOf(settings);
            return new WarningMemory(
                stored?.State ?? WarningState.Empty,
                [.. due.Select(line => DueWarning.FromLine(line, rules)).OfType<DueWarning>()], Problem: null);
        }
        catch (StateException e)
        {
            return new WarningMemory(WarningState.Empty, [], e.Message);
        }
    }

    private static async Task<(Usage Usage, QuotaLimit? Limit)?> SumAsync(
        Settings settings, QuotaRoot root, string group, CancellationToken stop)
    {
        var (answer, _) = await ControlSocket.AskAsync(
            settings.State.Directory, [ControlWords.Group, root.Name, group], stop).ConfigureAwait(false);
        if (answer?.Split(' ') is not [var bytes, var messages, var mostBytes, var mostMessages]
            || !long.TryParse(bytes, out var held) || !long.TryParse(messages, out var count))
            return null;
        QuotaLimit? limit = long.TryParse(mostBytes, out var most) && long.TryParse(mostMessages, out var number)
            ? new QuotaLimit(most, number)
            : null;
        return (new Usage(held, count), limit);
    }
}
