using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Config;

/// <summary>What is wrong with settings that can each be read, taken together and against this machine.</summary>
internal static class SettingsValidator
{
    private static readonly TimeSpan LongestSettle = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestRefresh = TimeSpan.FromMinutes(1);
    private const UnixFileMode Executable =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Every error found; looks only whether warning commands are there.</summary>
    /// <param name="settings">What was read.</param>
    /// <param name="file">From where; says the lines.</param>
    /// <param name="isAccount">Tells whether the system knows an account; null asks nobody.</param>
    public static IEnumerable<ConfigError> Check(Settings settings, IniFile file, Func<string, bool>? isAccount)
    {
        if (settings.Mailboxes.Locations.Count == 0)
            yield return new(file.Name, 0,
                "[mailboxes] locations is missing; write for example locations = /var/vmail/%d/%n/Maildir");
        if (settings.Watching.Settle > LongestSettle)
            yield return file.Error("watching", "settle",
                $"is longer than {DurationText.Format(LongestSettle)}; 300ms is usual");
        if (settings.Watching.Poll == TimeSpan.Zero)
            yield return file.Error("watching", "poll",
                "is 0: mailboxes whose changes the kernel does not tell of would never be right; "
                + "5m is usual, and nothing is polled where no mailbox needs it");
        else if (settings.Watching.Poll < ShortestPoll)
            yield return file.Error("watching", "poll",
                $"is shorter than {DurationText.Format(ShortestPoll)}; 5m is usual");
        if (settings.Limits.Refresh < ShortestRefresh)
            yield return file.Error("limits", "refresh",
                $"is shorter than {DurationText.Format(ShortestRefresh)}: every user is asked about that often; 1h is "
                + "usual, and SIGHUP or the command refresh asks at once");
        if (settings.Warnings.TimeLimit < TimeSpan.FromSeconds(1))
            yield return file.Error("warnings", "time_limit", "is shorter than a second; 60s is usual");
        if (settings.Warnings.OverFlagInterval < TimeSpan.FromSeconds(1))
            yield return file.Error("warnings", "over_flag_interval",
                "is shorter than a second: so often the script would run for each wrong flag; 10m is usual");
        if (settings.Warnings.User is { } user && isAccount?.Invoke(user) == false)
            yield return file.Error("warnings", "user", $"there is no account '{user}'; create it, or name another");
        foreach (var (number, root) in settings.Quota.Roots.Index())
        {
            foreach (var (i, warning) in root.Warnings.Index())
                if (ProblemOf(warning.Command) is { } problem)
                    yield return file.Error(null, new QuotaKey(number + 1, "warning", i + 1).ToString(), problem);
            var value = new QuotaKey(number + 1, "over_flag_value", 1).ToString();
            var script = new QuotaKey(number + 1, "over_script", 1).ToString();
            if (root.OverFlagValue is null && root.OverScript.Count > 0)
                yield return file.Error("quota", script, $"needs {value}, such as TRUE");
            if (root.OverFlagValue is not null && root.OverScript.Count == 0)
                yield return file.Error("quota", value, $"needs {script}, the command that corrects it");
            if (root.OverScript.Count > 0 && ProblemOf([.. root.OverScript]) is { } flaw)
                yield return file.Error("quota", script, flaw);
        }
    }

    /// <summary>A socket may come later, with Dovecot; a program must be there.</summary>
    public static string? ProblemOf(string[] command)
    {
        if (!CommandTarget.TryParse(command[0], out var target, out var error))
            return error;
        if (target.Kind is not (TargetKind.Program or TargetKind.Exec))
            return null;
        if (!File.Exists(target.Address))
            return $"{target.Address} does not exist; create it or correct the path";
        return (File.GetUnixFileMode(target.Address) & Executable) == 0
            ? $"{target.Address} is not executable; chmod +x {target.Address}"
            : null;
    }
}
