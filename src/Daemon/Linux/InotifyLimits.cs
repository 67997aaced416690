using System.Globalization;

namespace MaildirQuotaWatcher.Linux;

/// <summary>The sysctls that bound inotify(7), read anew each time; 0 where one cannot be read.</summary>
internal static class InotifyLimits
{
    private const string SysctlFile = "/etc/sysctl.d/60-maildir-quota-watcher.conf";

    /// <summary>Watches of one user, all its processes together.</summary>
    public static long MaxUserWatches => Read("max_user_watches");

    /// <summary>Records that one instance holds before it loses events.</summary>
    public static long MaxQueuedEvents => Read("max_queued_events");

    /// <summary>Instances of one user, all its processes together.</summary>
    public static long MaxUserInstances => Read("max_user_instances");

    /// <summary>The sentence for ENOSPC from AddWatch.</summary>
    /// <param name="needed">Watches this process needs in all.</param>
    public static string WatchesExhausted(long needed) => WatchesExhausted(needed, MaxUserWatches);

    /// <summary>The same for a known limit. A limit that should suffice is shared: room for both is advised.</summary>
    internal static string WatchesExhausted(long needed, long now)
    {
        var advised = needed > now ? needed : now + needed;
        var shared = needed > now ? "" : " beside those of other programs of this user";
        return $"inotify watches are used up: fs.inotify.max_user_watches is {now}, {needed} are needed{shared}; " +
            RaiseWatches(advised);
    }

    /// <summary>What to type: now, and for the next start of the machine.</summary>
    public static string RaiseWatches(long to) =>
        $"raise it with: sysctl -w fs.inotify.max_user_watches={to}; " +
        $"for good write fs.inotify.max_user_watches={to} into {SysctlFile}";

    private static long Read(string name)
    {
        try
        {
            var text = File.ReadAllText("/proc/sys/fs/inotify/" + name);
            return long.TryParse(text, CultureInfo.InvariantCulture, out var limit) ? limit : 0;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
