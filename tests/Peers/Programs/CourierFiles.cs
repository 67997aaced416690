namespace MaildirQuotaWatcher.Peers.Programs;

/// <summary>
/// Where <c>tests/run</c> unpacked Courier's packages: they cannot be installed beside Dovecot's. MQW_COURIER names
/// another directory; the delivery user must be able to read it.
/// </summary>
internal static class CourierFiles
{
    public static string Root { get; } =
        Environment.GetEnvironmentVariable("MQW_COURIER")
        ?? "/var/cache/maildir-quota-watcher-tests/courier";

    /// <summary>The environment in which Courier's servers believe that somebody has logged in.</summary>
    public static Dictionary<string, string> LoggedIn(string home, string name) => new()
    {
        ["HOME"] = home,
        ["AUTHENTICATED"] = name,
        ["AUTHADDR"] = name,
        ["TCPREMOTEIP"] = "127.0.0.1",
        ["TCPREMOTEPORT"] = "1",
        ["LD_LIBRARY_PATH"] = string.Join(':', Directory.GetDirectories(Path.Combine(Root, "usr/lib"), "*-linux-gnu*")
            .SelectMany(path => new[] { path, Path.Combine(path, "courier-authlib") })),
    };
}
