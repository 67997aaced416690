using System.Net;
using System.Net.Sockets;
using System.Text;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Daemon.Tests.Warnings;

/// <summary>What is said to Dovecot's script service, to the byte (captured from Dovecot 2.3.19).</summary>
public sealed class ScriptServiceTests : IDisposable
{
    private const string Head = "VERSION\tscript\t4\t0\nnoreply\n";
    private readonly ScriptDirectory _dir = new();

    public void Dispose() => _dir.Dispose();

    [Fact]
    public void Request_AsDovecotSendsIt_TabEscaped() => Assert.Equal(
        Head + "a\nb\nrj@ex.test\n\"q\n1\"\u0001ttab\n\n",
        Encoding.UTF8.GetString(ScriptService.Request(["a", "b", "rj@ex.test", "\"q", "1\"\ttab"])));

    [Fact]
    public void Request_ControlCharactersAndNothing_CannotBreakTheList() => Assert.Equal(
        Head + "x\u0001ny\u0001rz\u000100\u000111\nlast\n\n",
        Encoding.UTF8.GetString(ScriptService.Request(["x\ny\rz\00\u00011", "", "last"])));

    [Theory]
    [InlineData("quota-warning")]
    [InlineData("unix:quota-warning")]
    [InlineData("unix:{0}/quota-warning")]
    public async Task Accept_UnixSocket_GetsExactlyTheWords_AndNothingAppended(string target)
    {
        using var listener = Listen(new UnixDomainSocketEndPoint($"{_dir.Path}/quota-warning"));
        await using var service = Open(string.Format(null, target, _dir.Path) + " 80 %u");
        Accept(service);
        Assert.Equal(Head + "80\nrj@ex.test\n\n", await ReadAsync(listener));
        await service.DrainAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Accept_TcpSocket_GetsTheSame()
    {
        using var listener = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await using var service = Open($"tcp:127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port} 80 %u");
        Accept(service);
        Assert.Equal(Head + "80\nrj@ex.test\n\n", await ReadAsync(listener));
    }

    [Fact]
    public async Task Accept_NobodyListens_SaysSoWithACure_AndAsksAgainWhenItIsThere()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        await using var service = Open("quota-warning 80", time);
        Accept(service);
        await service.DrainAsync(CancellationToken.None);
        Assert.Contains(_dir.Lines, l => l.StartsWith("Error") && l.Contains($"{_dir.Path}/quota-warning") && l.Contains("check that Dovecot runs"));

        using var listener = Listen(new UnixDomainSocketEndPoint($"{_dir.Path}/quota-warning"));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(Head + "80\n\n", await ReadAsync(listener));
        await service.DrainAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromHours(1));
        await service.DrainAsync(CancellationToken.None);
        Assert.False(listener.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public async Task Accept_SocketOfADeadServer_SaysWhereToLook()
    {
        // bound, but nobody listens: what a killed Dovecot leaves behind
        using var deaf = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        deaf.Bind(new UnixDomainSocketEndPoint($"{_dir.Path}/quota-warning"));
        await using var service = Open("quota-warning 80", new ManualTime(DateTimeOffset.UnixEpoch));
        Accept(service);
        await service.DrainAsync(CancellationToken.None);
        Assert.Contains(_dir.Lines, l => l.StartsWith("Error") && l.Contains("Dovecot does not run"));
        Assert.Contains(_dir.Lines, l => l.Contains("is tried again in"));
    }

    [Fact]
    public async Task Accept_SocketThatIsFull_SaysThatTheServiceIsTooBusy()
    {
        var place = new UnixDomainSocketEndPoint($"{_dir.Path}/quota-warning");
        using var busy = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        busy.Bind(place);
        busy.Listen(1);
        var waiting = new List<Socket>();
        try
        {
            SocketException? full = null;
            while (full is null)
                try
                {
                    waiting.Add(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false });
                    waiting[^1].Connect(place);
                }
                catch (SocketException e)
                {
                    full = e;
                }

            await using var service = Open("quota-warning 80", new ManualTime(DateTimeOffset.UnixEpoch));
            Accept(service);
            await service.DrainAsync(CancellationToken.None);
            Assert.Contains(_dir.Lines, l => l.StartsWith("Error") && l.Contains("its service is too busy"));
        }
        finally
        {
            waiting.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public void Failed_TargetThatNowWorksAndNowDoesNot_IsNotALineEachTime()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var failures = new StartFailures(_dir.Log, time, "");
        for (var i = 0; i < 10; i++)
        {
            failures.Failed("/w", $"u{i}", "no");
            failures.Worked("/w");
        }

        Assert.Equal(["Error: \"/w\" for \"u0\": no", "Information: \"/w\": starts work again"], _dir.Lines);
        time.Advance(TimeSpan.FromMinutes(15));
        failures.Failed("/w", "u10", "no");
        Assert.Equal("Error: \"/w\" for \"u10\": no", _dir.Lines[2]);
        failures.Failed("/w", "u11", "no");
        time.Advance(TimeSpan.FromMinutes(20));
        failures.Failed("/w", "u12", "no");
        Assert.Equal("Error: \"/w\": 2 more starts failed in 20 minutes, the last one for \"u12\": no", _dir.Lines[3]);
        Assert.Equal(4, _dir.Lines.Length);
    }

    [Fact]
    public async Task Accept_ManyOnADeadSocket_OneLineInAWhile_WithTheirNumber_AndOneWhenItIsBack()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        await using var service = Open("quota-warning 80", time);
        for (var i = 0; i < 50; i++)
            service.Accept(new($"/m/{i}", $"u{i}", $"/m/{i}"), new Usage(81, 1), new QuotaLimit(100, 0));
        // Four tries of each, the last one 15 minutes after the third.
        foreach (var seconds in new[] { 0, 5, 30, 180, 900 })
        {
            time.Advance(TimeSpan.FromSeconds(seconds));
            await service.DrainAsync(CancellationToken.None);
        }

        var said = _dir.Lines.Where(l => !l.StartsWith("Debug") && l.Contains("script service")).ToArray();
        Assert.Equal(2, said.Length);
        Assert.Contains("there is no such socket; check that Dovecot runs", said[0]);
        Assert.Contains("tried again, in the end every 15 minutes", said[0]);
        // 49 of the first round, all of three more, and the first of the fifth.
        Assert.Contains(" 200 more starts failed in 18 minutes, the last one for ", said[1]);
        Assert.Contains("there is no such socket", said[1]);

        using var listener = Listen(new UnixDomainSocketEndPoint($"{_dir.Path}/quota-warning"));
        time.Advance(TimeSpan.FromMinutes(15));
        var drained = service.DrainAsync(CancellationToken.None);
        for (var i = 0; i < 50; i++) Assert.Equal(Head + "80\n\n", await ReadAsync(listener));
        await drained;
        Assert.Single(_dir.Lines, l => l.Contains("starts work again"));
    }

    private static Socket Listen(EndPoint place)
    {
        var listener = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(place);
        listener.Listen();
        return listener;
    }

    private static async Task<string> ReadAsync(Socket listener)
    {
        using var connection = await listener.AcceptAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        using var reader = new StreamReader(new NetworkStream(connection), Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    private static void Accept(WarningService service) =>
        service.Accept(new("/m/rj", "rj@ex.test", "/m/rj"), new Usage(81, 1), new QuotaLimit(100, 0));

    private WarningService Open(string command, TimeProvider? time = null) =>
        WarningRule.TryParse($"storage=80% {command}", out var rule, out var error)
            ? new WarningService(new WarningRules([rule]), new() { BaseDirectory = _dir.Path }, null, _dir.Log, time)
            : throw new ArgumentException(error);
}
