using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Config;

/// <summary>What a second reading of the file changes: at once, or only at the next start. Immutable.</summary>
/// <param name="InForce">The old settings with everything that may change at run time taken from the new.</param>
/// <param name="Applied">Names of the settings that take effect now.</param>
/// <param name="NeedRestart">Names of the settings that do so only after a restart.</param>
internal sealed record SettingsChange(
    Settings InForce, IReadOnlyList<string> Applied, IReadOnlyList<string> NeedRestart)
{
    public static SettingsChange Between(Settings old, Settings read)
    {
        var applied = new List<string>();
        if (!old.Mailboxes.Locations.Select(l => l.Text).SequenceEqual(read.Mailboxes.Locations.Select(l => l.Text)))
            applied.Add("locations");
        if (old.Quota.Limit != read.Quota.Limit)
            applied.Add("limit");
        if (old.Scanning != read.Scanning)
            applied.Add("rate");
        if (!SameThresholds(old.Warnings.Thresholds, read.Warnings.Thresholds))
            applied.Add("thresholds");
        if (old.Log != read.Log)
            applied.Add("log level");

        var restart = new List<string>();
        Compare("counting", old.Quota.Counting, read.Quota.Counting);
        Compare("trust_names", old.Quota.TrustNames, read.Quota.TrustNames);
        Compare("create", old.Quota.Create, read.Quota.Create);
        Compare("settle", old.Watching.Settle, read.Watching.Settle);
        Compare("poll", old.Watching.Poll, read.Watching.Poll);
        Compare("mode", old.Watching.Mode, read.Watching.Mode);
        Compare("source", old.Watching.Source, read.Watching.Source);
        Compare("workers", old.Watching.Workers, read.Watching.Workers);
        Compare("time_limit", old.Warnings.TimeLimit, read.Warnings.TimeLimit);
        Compare("concurrent", old.Warnings.Concurrent, read.Warnings.Concurrent);
        Compare("user", old.Warnings.User, read.Warnings.User);
        Compare("state directory", old.State.Directory, read.State.Directory);

        var inForce = old with
        {
            Mailboxes = read.Mailboxes,
            Quota = old.Quota with { Limit = read.Quota.Limit },
            Scanning = read.Scanning,
            Warnings = old.Warnings with { Thresholds = read.Warnings.Thresholds },
            Log = read.Log,
        };
        return new SettingsChange(inForce, applied, restart);

        void Compare<T>(string name, T before, T now)
        {
            if (!EqualityComparer<T>.Default.Equals(before, now))
                restart.Add(name);
        }
    }

    /// <summary>One line for the log.</summary>
    public override string ToString()
    {
        var now = Applied.Count > 0 ? $"changed: {string.Join(", ", Applied)}" : "nothing changes now";
        return NeedRestart.Count > 0 ? $"{now}; only after a restart: {string.Join(", ", NeedRestart)}" : now;
    }

    private static bool SameThresholds(IReadOnlyList<WarningRule> old, IReadOnlyList<WarningRule> read) =>
        old.Count == read.Count
            && old.Zip(read).All(p => p.First.Key == p.Second.Key && p.First.Command.SequenceEqual(p.Second.Command));
}
