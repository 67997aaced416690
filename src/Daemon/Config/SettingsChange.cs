namespace MaildirQuotaWatcher.Config;

/// <summary>What a second reading of the file changes: at once, or only at the next start. Immutable.</summary>
/// <param name="InForce">The old settings with everything that may change at run time taken from the new.</param>
/// <param name="Applied">Names of the settings that take effect now.</param>
/// <param name="NeedRestart">Names of the settings that do so only after a restart.</param>
internal sealed record SettingsChange(
    Settings InForce, IReadOnlyList<string> Applied, IReadOnlyList<string> NeedRestart)
{
    /// <summary>In <see cref="Applied"/> when roots, rules, warnings or grace are other ones.</summary>
    public const string QuotaRoots = "quota rules";

    public static SettingsChange Between(Settings old, Settings read)
    {
        var applied = new List<string>();
        if (!old.Mailboxes.Locations.Select(l => l.Text).SequenceEqual(read.Mailboxes.Locations.Select(l => l.Text)))
            applied.Add("locations");
        if (!SameRoots(old.Quota.Roots, read.Quota.Roots))
            applied.Add(QuotaRoots);
        if ((old.Quota.MaxMailSize, old.Quota.ExceededMessage) != (read.Quota.MaxMailSize, read.Quota.ExceededMessage))
            applied.Add("quota_max_mail_size or quota_exceeded_message");
        applied.AddRange(OfSources(Texts(old), Texts(read)));
        if (old.Limits.Refresh != read.Limits.Refresh)
            applied.Add("refresh");
        if (old.Scanning != read.Scanning)
            applied.Add("rate");
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
        Live("time_limit", old.Warnings.TimeLimit, read.Warnings.TimeLimit);
        Live("concurrent", old.Warnings.Concurrent, read.Warnings.Concurrent);
        Live("user", old.Warnings.User, read.Warnings.User);
        Live("per_minute", old.Warnings.PerMinute, read.Warnings.PerMinute);
        Live("quiet_hours", old.Warnings.QuietHours, read.Warnings.QuietHours);
        Live("hysteresis", old.Warnings.Hysteresis, read.Warnings.Hysteresis);
        Live("remind", old.Warnings.Remind, read.Warnings.Remind);
        Live("choose", old.Warnings.Choice, read.Warnings.Choice);
        Live("base_dir", old.Warnings.BaseDirectory, read.Warnings.BaseDirectory);
        Live("over_flag_interval", old.Warnings.OverFlagInterval, read.Warnings.OverFlagInterval);
        Live("quota_over_flag_value", FlagsOf(old), FlagsOf(read));
        Live("quota_over_script", ScriptsOf(old), ScriptsOf(read));
        Compare("state directory", old.State.Directory, read.State.Directory);

        var inForce = old with
        {
            Mailboxes = read.Mailboxes,
            Quota = old.Quota with
            {
                Roots = read.Quota.Roots,
                MaxMailSize = read.Quota.MaxMailSize,
                ExceededMessage = read.Quota.ExceededMessage,
            },
            Limits = read.Limits,
            Scanning = read.Scanning,
            Warnings = read.Warnings,
            Log = read.Log,
        };
        return new SettingsChange(inForce, applied, restart);

        void Live<T>(string name, T before, T now)
        {
            if (!EqualityComparer<T>.Default.Equals(before, now))
                applied.Add(name);
        }

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

    private static string FlagsOf(Settings settings) =>
        string.Join('\n', settings.Quota.Roots.Where(root => root.OverFlagValue is not null)
            .Select(root => $"{root.Root.Name}\t{root.OverFlagValue}"));

    private static string ScriptsOf(Settings settings) =>
        string.Join('\n', settings.Quota.Roots.Where(root => root.OverScript.Count > 0)
            .Select(root => $"{root.Root.Name}\t{string.Join(' ', root.OverScript)}"));

    private static string[] Texts(Settings settings) => [.. settings.Limits.Sources.Select(source => source.Text)];

    private static IEnumerable<string> OfSources(string[] old, string[] read)
    {
        var (added, removed) = (read.Except(old).ToArray(), old.Except(read).ToArray());
        if (added.Length == 0 && removed.Length == 0 && !old.SequenceEqual(read))
            return ["order of limit sources"];
        return added.Select(text => $"limit source {text} added")
            .Concat(removed.Select(text => $"limit source {text} removed"));
    }

    private static bool SameRoots(IReadOnlyList<RootSettings> old, IReadOnlyList<RootSettings> read) =>
        old.Count == read.Count && old.Zip(read).All(pair =>
            pair.First.Root == pair.Second.Root && pair.First.Shorthand.SequenceEqual(pair.Second.Shorthand)
            && pair.First.Numbered.SequenceEqual(pair.Second.Numbered)
            && pair.First.Grace == pair.Second.Grace
            && pair.First.Warnings.Select(warning => warning.ToString())
                .SequenceEqual(pair.Second.Warnings.Select(warning => warning.ToString())));
}
