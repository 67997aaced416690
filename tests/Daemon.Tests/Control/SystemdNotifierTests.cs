using System.Globalization;
using System.Net.Sockets;
using System.Text;
using MaildirQuotaWatcher.Control;

namespace MaildirQuotaWatcher.Daemon.Tests.Control;

public sealed class SystemdNotifierTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mqw-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Notify_EachState_ArrivesAsOneDatagram(bool isAbstract)
    {
        var name = isAbstract ? $"@mqw-{Guid.NewGuid():N}" : Path.Combine(_directory, "notify");
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{name[1..]}" : name));
        systemd.ReceiveTimeout = 60_000;
        var notifier = new SystemdNotifier(name);

        notifier.Ready();
        Assert.Equal("READY=1", Receive(systemd));
        notifier.Status("2 mailboxes\nREADY=0");
        Assert.Equal("STATUS=2 mailboxes READY=0", Receive(systemd));
        notifier.Watchdog();
        Assert.Equal("WATCHDOG=1", Receive(systemd));
        notifier.Stopping();
        Assert.Equal("STOPPING=1", Receive(systemd));

        notifier.Reloading();
        var lines = Receive(systemd).Split('\n');
        Assert.Equal("RELOADING=1", lines[0]);
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        var told = long.Parse(lines[1]["MONOTONIC_USEC=".Length..], CultureInfo.InvariantCulture) / 1e6;
        Assert.InRange(told, 1, uptime + 5);
    }

    [Fact]
    public void Notify_NobodyListens_IsQuiet()
    {
        new SystemdNotifier(Path.Combine(_directory, "absent")).Ready();
        new SystemdNotifier(new string('x', 500)).Ready();
        new SystemdNotifier(null).Ready();
    }

    private static string Receive(Socket socket)
    {
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}
