using MaildirQuotaWatcher.Control;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Daemon.Tests.Running;

/// <summary>The service end to end: the built binary, signals, a fake systemd.</summary>
public sealed class RunTests : IDisposable
{
    private readonly ServiceFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Run_ReadyStatusStop_AreTold_AndExitIs0()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=100", 100);
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(mailbox, "100000S", 100, 1, service);
        _fixture.AwaitTold("STATUS=1 mailboxes, 3 kernel watches", service);

        service.Signal(Signum.SIGTERM);

        Assert.Equal(0, service.End());
        _fixture.AwaitTold("STOPPING=1", service);
    }

    [Fact]
    public void Run_NewDomainAndMailboxMadeAgain_ArePickedUp()
    {
        Directory.CreateDirectory(_fixture.At("mail"));
        using var service = _fixture.StartReady();

        var mailbox = _fixture.MakeMailbox("new.org/rj/Maildir");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=100", 100);
        ServiceFixture.AwaitLedger(mailbox, "100000S", 100, 1, service);

        Directory.Delete(_fixture.At("mail/new.org"), recursive: true);
        service.AwaitLine("gone");
        _fixture.MakeMailbox("new.org/rj/Maildir");
        ServiceFixture.Deliver(mailbox, "2.a.h,S=200", 200);
        ServiceFixture.AwaitLedger(mailbox, "100000S", 200, 1, service);
    }

    [Fact]
    public void Hangup_ChangedFile_ChangesLimitAndLocations()
    {
        var kept = _fixture.MakeMailbox("a.org/rj/Maildir");
        var dropped = _fixture.MakeMailbox("b.org/rj/Maildir");
        using var service = _fixture.StartReady();
        ServiceFixture.AwaitLedger(dropped, "100000S", 0, 0, service);
        _fixture.ForgetTold();

        _fixture.Configure(limit: "200000", locations: "a.org/%n/Maildir", more: "[log]\nlevel = debug");
        service.Signal(Signum.SIGHUP);

        service.AwaitLine("changed: locations, quota rules, log level");
        _fixture.AwaitTold("RELOADING=1", service);
        _fixture.AwaitTold("READY=1", service);
        _fixture.AwaitTold("STATUS=1 mailboxes", service);
        ServiceFixture.AwaitLedger(kept, "200000S", 0, 0, service);
        service.AwaitLine($"{dropped}: in no location any more");

        _fixture.Configure(limit: "300000");
        service.Signal(Signum.SIGHUP);
        ServiceFixture.AwaitLedger(dropped, "300000S", 0, 0, service);
    }

    [Fact]
    public void Hangup_NewThreshold_WarnsAboutUsageAlreadyThere()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=60000", 60_000);
        using var service = _fixture.StartReady();
        Assert.Empty(_fixture.ReadWarnings());

        File.WriteAllText(_fixture.Config, File.ReadAllText(_fixture.Config).Replace("storage=80", "storage=50"));
        service.Signal(Signum.SIGHUP);

        Poll.Until(() => _fixture.ReadWarnings() is ["50 rj@a.org"], service.Describe);
    }

    [Fact]
    public void Hangup_BeforeTheStartIsOver_IsAReloadAfterIt()
    {
        var settings = File.ReadAllText(_fixture.Config);
        File.Delete(_fixture.Config);
        Assert.Equal(0, Syscall.mkfifo(_fixture.Config, FilePermissions.S_IRUSR | FilePermissions.S_IWUSR));
        using var service = _fixture.Start();
        // Opens when the service reads.
        using (var file = new StreamWriter(_fixture.Config))
        {
            service.Signal(Signum.SIGHUP);
            File.WriteAllText(
                _fixture.Config + ".new", settings.Replace("100000", "200000", StringComparison.Ordinal));
            File.Move(_fixture.Config + ".new", _fixture.Config, overwrite: true);
            file.Write(settings);
        }

        service.AwaitLine("changed: quota rules");
        service.Signal(Signum.SIGTERM);
        Assert.Equal(0, service.End());
    }

    [Fact]
    public async Task Hangup_TenWhileOneIsAtWork_AreOneMore()
    {
        _fixture.MakeMailbox("a.org/rj/Maildir");
        var settings = File.ReadAllText(_fixture.Config);
        using var service = _fixture.StartReady();
        // A pipe in the place of the file: whoever reads it waits for this test.
        File.Delete(_fixture.Config);
        Assert.Equal(0, Syscall.mkfifo(_fixture.Config, FilePermissions.S_IRUSR | FilePermissions.S_IWUSR));
        service.Signal(Signum.SIGHUP);
        _fixture.AwaitTold("RELOADING=1", service);
        for (var i = 0; i < 10; i++)
            service.Signal(Signum.SIGHUP);
        // Answered by the threads that take the signals, after them.
        await ControlSocket.AskAsync(_fixture.At("state"), [ControlWords.Status], TestContext.Current.CancellationToken);
        File.WriteAllText(_fixture.Config, settings);
        service.AwaitLine("loaded again");
        File.WriteAllText(_fixture.Config, settings.Replace("100000", "200000", StringComparison.Ordinal));
        service.AwaitLine("changed: quota rules");

        File.WriteAllText(_fixture.Config + ".new", settings.Replace("100000", "300000", StringComparison.Ordinal));
        File.Move(_fixture.Config + ".new", _fixture.Config, overwrite: true);
        service.Signal(Signum.SIGHUP);
        ServiceFixture.AwaitLedger(_fixture.At("mail/a.org/rj/Maildir"), "300000S", 0, 0, service);
        service.Signal(Signum.SIGTERM);
        Assert.Equal(0, service.End());
        Assert.Equal(3, service.Lines.Count(line => line.Contains("loaded again", StringComparison.Ordinal)));
    }

    [Fact]
    public void Hangup_BrokenFile_KeepsRunning_AndNamesTheLine()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        using var service = _fixture.StartReady();
        _fixture.Configure(limit: "lots");
        service.Signal(Signum.SIGHUP);

        service.AwaitLine($"{_fixture.Config}:4: limit: 'lots'");
        service.AwaitLine("was not loaded");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=100", 100);
        ServiceFixture.AwaitLedger(mailbox, "100000S", 100, 1, service);
        Assert.True(service.IsRunning);
    }

    [Fact]
    public void Run_BrokenFile_IsExitCode2_WithEveryError()
    {
        _fixture.Configure(limit: "lots", create: "maybe");
        using var service = _fixture.Start();
        Assert.Equal(2, service.End());
        Assert.Contains(service.Lines, line => line.Contains(":4:", StringComparison.Ordinal));
        Assert.Contains(service.Lines, line => line.Contains(":5:", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_CreateNo_ReportsTheMissingLedgerOnly()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        _fixture.Configure(create: "no");
        using var service = _fixture.StartReady();
        service.AwaitLine("none is to be made");
        Assert.False(File.Exists(Path.Combine(mailbox, "maildirsize")));

        // one that appears is kept right
        File.WriteAllText(Path.Combine(mailbox, "maildirsize"), "100000S\n0 0\n");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=100", 100);
        ServiceFixture.AwaitLedger(mailbox, "100000S", 100, 1, service);
    }

    [Fact]
    public void Kill_AndStartAgain_IsRightAgain_AndRepeatsNoWarning()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        using (var first = _fixture.StartReady())
        {
            ServiceFixture.Deliver(mailbox, "1.a.h,S=85000", 85_000);
            ServiceFixture.AwaitLedger(mailbox, "100000S", 85_000, 1, first);
            Poll.Until(() => _fixture.ReadWarnings() is ["80 rj@a.org"], first.Describe);
            // the warning counts as run when the log has the mark stored; a kill before may repeat it
            Poll.Until(() => WarningsDue() == 0, first.Describe);
            first.Signal(Signum.SIGKILL);
            first.End();
        }

        ServiceFixture.Deliver(mailbox, "2.a.h,S=1000", 1000);
        using var second = _fixture.StartReady();
        ServiceFixture.AwaitLedger(mailbox, "100000S", 86_000, 2, second);
        second.Signal(Signum.SIGTERM);
        Assert.Equal(0, second.End());
        Assert.Equal(["80 rj@a.org"], _fixture.ReadWarnings());
    }

    [Fact]
    public void Stop_WhileAScriptRuns_LetsItFinish()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        var go = _fixture.At("go");
        _fixture.WriteScript($"""
            echo begun >> {_fixture.Warnings}
            while [ -e {_fixture.Warnings} ] && [ ! -e {go} ]; do sleep 0.01; done
            echo done >> {_fixture.Warnings}
            """);
        using var service = _fixture.StartReady();
        ServiceFixture.Deliver(mailbox, "1.a.h,S=85000", 85_000);
        Poll.Until(() => _fixture.ReadWarnings() is ["begun"], service.Describe);

        service.Signal(Signum.SIGTERM);
        _fixture.AwaitTold("STOPPING=1", service);
        File.WriteAllText(go, "");

        Assert.Equal(0, service.End());
        Assert.Equal(["begun", "done"], _fixture.ReadWarnings());
    }

    [Fact]
    public void Run_Observing_WritesNothing_AndOnlyLogsThresholds()
    {
        var mailbox = _fixture.MakeMailbox("a.org/rj/Maildir");
        ServiceFixture.Deliver(mailbox, "1.a.h,S=85000", 85_000);
        File.WriteAllText(_fixture.Config, File.ReadAllText(_fixture.Config).Replace("settle", "mode = observe\nsettle"));
        using var service = _fixture.StartReady();
        service.AwaitLine("would replace maildirsize: Missing");
        service.AwaitLine("storage reached 80 %");

        service.Signal(Signum.SIGTERM);

        Assert.Equal(0, service.End());
        Assert.False(File.Exists(Path.Combine(mailbox, "maildirsize")));
        Assert.Empty(_fixture.ReadWarnings());
    }

    [Fact]
    public void Watchdog_WhenAskedFor_IsFed()
    {
        using var service = _fixture.Start(watchdog: "200000");
        _fixture.AwaitTold("WATCHDOG=1", service);
    }

    private int WarningsDue()
    {
        using var store = MaildirQuotaWatcher.Warnings.WarningStore.Open(_fixture.At("state"), Serilog.Core.Logger.None);
        return store.ReadDue(long.MaxValue, 100).Count;
    }
}
