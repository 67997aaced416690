using System.Globalization;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>
/// Processor time of the engine's own threads, told by their names, so that the writers of this very process do not
/// count (proc(5), schedstat: nanoseconds).
/// </summary>
internal static class EngineThreads
{
    private static readonly string[] Names = ["inotify", "mailboxes", "locations"];

    /// <summary>Microseconds until now; null where the kernel keeps no account.</summary>
    public static double? Microseconds()
    {
        var nanoseconds = 0L;
        foreach (var task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                var name = File.ReadAllText(Path.Combine(task, "comm"));
                if (!Array.Exists(Names, own => name.StartsWith(own, StringComparison.Ordinal)))
                    continue;
                var account = File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0];
                nanoseconds += long.Parse(account, CultureInfo.InvariantCulture);
            }
            catch (DirectoryNotFoundException)
            {
                // The thread has ended meanwhile; it was none of the engine's.
            }
            catch (FileNotFoundException)
            {
                return null;
            }
        }

        return nanoseconds / 1000.0;
    }
}
