using System.Diagnostics;
using MaildirQuotaWatcher.Daemon.Tests.Linux;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Daemon.Tests.Running;

/// <summary>
/// The service with mailboxes on a file system whose server (bindfs) is stopped: whoever touches it hangs in the kernel.
/// </summary>
public sealed class DeadServerTests : IDisposable
{
    private readonly ServiceFixture _fixture;
    private readonly Process _server;
    private readonly string _near;
    private readonly string _far;

    public DeadServerTests()
    {
        Rights.DemandFuse();
        _fixture = new ServiceFixture();
        _near = _fixture.MakeMailbox("a.org/near/Maildir");
        _far = MakeFar("far");
        Directory.CreateDirectory(Mount);
        _server = Process.Start("bindfs", ["-f", _fixture.At("behind"), Mount]);
        Poll.Until(() => Directory.Exists(Path.Combine(Mount, "far")), () => "bindfs does not mount");
        Configure("100000");
    }

    private string Mount => _fixture.At("mount");

    public void Dispose()
    {
        if (_server is not null)
        {
            Signal(Signum.SIGCONT);
            using var umount = Process.Start("umount", ["-l", Mount]);
            umount.WaitForExit();
            _server.WaitForExit();
            _server.Dispose();
        }

        _fixture.Dispose();
    }

    [Fact]
    public void Run_ServerStops_OthersAreFoundReloadedAndFollowed_AndItHeals()
    {
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(_far, "100000S", 0, 0, service);

        Signal(Signum.SIGSTOP);
        Configure("200000");
        service.Signal(Signum.SIGHUP);
        ServiceFixture.AwaitLedger(_near, "200000S", 0, 0, service);
        service.AwaitLine("does not answer");
        _fixture.AwaitStatus(3, "their file system does not answer NOW");
        var fresh = _fixture.MakeMailbox("b.org/fresh/Maildir");
        ServiceFixture.Deliver(fresh, "1.a.h,S=100", 100);
        ServiceFixture.AwaitLedger(fresh, "200000S", 100, 1, service);
        ServiceFixture.Deliver(_near, "1.a.h,S=100", 100);
        ServiceFixture.AwaitLedger(_near, "200000S", 100, 1, service);
        Configure("300000");
        service.Signal(Signum.SIGHUP);
        ServiceFixture.AwaitLedger(_near, "300000S", 100, 1, service);
        ServiceFixture.Deliver(_far, "1.a.h,S=70", 70);
        var later = MakeFar("later");

        Signal(Signum.SIGCONT);
        ServiceFixture.AwaitLedger(_far, "300000S", 70, 1, service);
        ServiceFixture.AwaitLedger(later, "300000S", 0, 0, service);
        _fixture.AwaitStatus(0, "2 mailboxes on network file systems or FUSE, once in ");
    }

    [Fact]
    public void Stop_WhileTheServerIsStopped_Ends()
    {
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(_far, "100000S", 0, 0, service);
        Signal(Signum.SIGSTOP);
        service.Signal(Signum.SIGHUP);
        service.AwaitLine("does not answer");

        service.Signal(Signum.SIGTERM);
        Assert.Equal(0, service.End());
    }

    [Fact]
    public void Start_WhileTheServerIsStopped_IsReady_AndTheRestComesLater()
    {
        Signal(Signum.SIGSTOP);
        using var service = _fixture.StartReady();
        ServiceFixture.Deliver(_near, "1.a.h,S=100", 100);
        ServiceFixture.AwaitLedger(_near, "100000S", 100, 1, service);

        Signal(Signum.SIGCONT);
        ServiceFixture.AwaitLedger(_far, "100000S", 0, 0, service);
    }

    private void Configure(string limit)
    {
        _fixture.Configure(limit, $"%d/%n/Maildir, {Mount}/%n/Maildir");
        File.WriteAllText(
            _fixture.Config, File.ReadAllText(_fixture.Config).Replace("settle", "poll = 1s\nsettle"));
    }

    /// <summary>A mailbox of the server, made behind its back.</summary>
    private string MakeFar(string user)
    {
        var mailbox = _fixture.At($"behind/{user}/Maildir");
        foreach (var name in (string[])["tmp", "new", "cur"])
            Directory.CreateDirectory(Path.Combine(mailbox, name));
        return mailbox;
    }

    private void Signal(Signum signal) => Assert.Equal(0, Syscall.kill(_server.Id, signal));
}
