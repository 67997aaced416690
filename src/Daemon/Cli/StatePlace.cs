using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Cli;

/// <summary>Where a verb without a configuration remembers which warnings have run.</summary>
internal static class StatePlace
{
    public static string Default()
    {
        if (Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } given)
            return given;
        if (ProcessIdentity.EffectiveUid == 0)
            return "/var/lib/maildir-quota-watcher/watch";
        var home = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
            ? state
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/state");
        return Path.Combine(home, "maildir-quota-watcher");
    }
}
