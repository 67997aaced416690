using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MaildirQuotaWatcher.Control;

/// <summary>
/// Tells systemd how the service is doing: sd_notify(3) over the datagram socket of <c>NOTIFY_SOCKET</c>. Without
/// systemd, and on any error, nothing happens: a notification never harms the daemon. Any thread.
/// </summary>
internal sealed class SystemdNotifier
{
    private readonly string? _socketPath;

    public SystemdNotifier(string? socketPath) => _socketPath = string.IsNullOrEmpty(socketPath) ? null : socketPath;

    /// <summary>
    /// Half of systemd's WatchdogSec, the pace at which to call <see cref="Watchdog"/>; null without one.
    /// </summary>
    public TimeSpan? WatchdogInterval { get; init; }

    /// <summary>Reads <c>NOTIFY_SOCKET</c>, <c>WATCHDOG_USEC</c>, <c>WATCHDOG_PID</c> from the environment.</summary>
    public static SystemdNotifier FromEnvironment()
    {
        var mine = Environment.GetEnvironmentVariable("WATCHDOG_PID") is not { } pid
            || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var known = long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None,
            CultureInfo.InvariantCulture, out var microseconds);
        return new SystemdNotifier(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"))
        {
            WatchdogInterval = known && mine && microseconds > 0 ? TimeSpan.FromMicroseconds(microseconds / 2.0) : null,
        };
    }

    /// <summary>Watching has begun; also ends a reload.</summary>
    public void Ready() => Send("READY=1");

    /// <summary>The configuration is being read again; <see cref="Ready"/> ends it.</summary>
    public void Reloading()
    {
        // CLOCK_MONOTONIC, which Stopwatch counts on Linux, in microseconds
        var now = System.Diagnostics.Stopwatch.GetTimestamp() / (System.Diagnostics.Stopwatch.Frequency / 1_000_000);
        Send($"RELOADING=1\nMONOTONIC_USEC={now.ToString(CultureInfo.InvariantCulture)}");
    }

    public void Stopping() => Send("STOPPING=1");

    /// <summary>One line for <c>systemctl status</c>.</summary>
    public void Status(string status) => Send($"STATUS={status.ReplaceLineEndings(" ")}");

    /// <summary>Still alive; call it only from where a hang would show.</summary>
    public void Watchdog() => Send("WATCHDOG=1");

    private void Send(string message)
    {
        if (_socketPath is null) return;
        try
        {
            // a leading @ means the abstract namespace, which begins with a NUL
            var path = _socketPath[0] == '@' ? $"\0{_socketPath[1..]}" : _socketPath;
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Blocking = false;
            socket.SendTo(Encoding.UTF8.GetBytes(message), new UnixDomainSocketEndPoint(path));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // nobody listens
        }
    }
}
