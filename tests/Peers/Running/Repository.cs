namespace MaildirQuotaWatcher.Peers.Running;

/// <summary>Where the programs under test are: the directory that holds the solution.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The built daemon. MQW_DAEMON names another one, such as an installed package's.</summary>
    public static string DaemonBinary =>
        Environment.GetEnvironmentVariable("MQW_DAEMON")
        ?? Path.Combine(Root, "src/Daemon/bin/Release/net10.0/maildir-quota-watcher");

    private static string Find()
    {
        for (var at = AppContext.BaseDirectory; at is not null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(Path.Combine(at, "MaildirQuotaWatcher.sln")))
                return at;
        }

        throw new InvalidOperationException($"no MaildirQuotaWatcher.sln above {AppContext.BaseDirectory}");
    }
}
