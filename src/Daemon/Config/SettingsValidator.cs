using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Config;

/// <summary>What is wrong with settings that can each be read, taken together and against this machine.</summary>
internal static class SettingsValidator
{
    private static readonly TimeSpan LongestSettle = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromSeconds(1);
    private const UnixFileMode Executable =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Every error found; looks only whether warning commands are there.</summary>
    public static IEnumerable<ConfigError> Check(Settings settings, string file)
    {
        if (settings.Mailboxes.Locations.Count == 0)
            yield return new(file, 0,
                "[mailboxes] locations is missing; write for example locations = /var/vmail/%d/%n/Maildir");
        if (settings.Watching.Settle > LongestSettle)
            yield return new(file, 0,
                $"[watching] settle is longer than {DurationText.Format(LongestSettle)}; 300ms is usual");
        if (settings.Watching.Poll == TimeSpan.Zero)
            yield return new(file, 0,
                "[watching] poll is 0: mailboxes whose changes the kernel does not tell of would never be right; "
                + "5m is usual, and nothing is polled where no mailbox needs it");
        else if (settings.Watching.Poll < ShortestPoll)
            yield return new(file, 0,
                $"[watching] poll is shorter than {DurationText.Format(ShortestPoll)}; 5m is usual");
        if (settings.Warnings.TimeLimit < TimeSpan.FromSeconds(1))
            yield return new(file, 0, "[warnings] time_limit is shorter than a second; 60s is usual");
        foreach (var threshold in settings.Warnings.Thresholds)
        {
            // a script service of Dovecot's may be started later than we are
            if (!CommandTarget.TryParse(threshold.Command[0], out var target, out _)
                || target.Kind is TargetKind.Unix or TargetKind.Tcp)
                continue;
            var command = target.Address;
            if (!File.Exists(command))
                yield return new(file, 0,
                    $"[warnings] {threshold.Key}: {command} does not exist; create it or correct the path");
            else if ((File.GetUnixFileMode(command) & Executable) == 0)
                yield return new(file, 0,
                    $"[warnings] {threshold.Key}: {command} is not executable; chmod +x {command}");
        }
    }
}
