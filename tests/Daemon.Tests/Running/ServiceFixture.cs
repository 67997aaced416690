using System.Net.Sockets;
using System.Text;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Running;

/// <summary>A store, a configuration, a state directory and a fake systemd for one service.</summary>
internal sealed class ServiceFixture : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly List<string> _told = [];

    public ServiceFixture()
    {
        _systemd.Bind(new UnixDomainSocketEndPoint(NotifySocket));
        WriteScript($"echo \"$1 $2\" >> {Warnings}");
        Configure();
    }

    public string Config => At("test.conf");

    public string Warnings => At("warnings");

    private string Script => At("warn");

    private string NotifySocket => At("notify");

    public string At(string name) => Path.Combine(_scratch.FullName, name);

    /// <summary>Writes the warning script.</summary>
    public void WriteScript(string body)
    {
        File.WriteAllText(Script, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(Script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Writes the configuration.</summary>
    public void Configure(
        string limit = "100000", string locations = "%d/%n/Maildir", string create = "yes", string more = "") =>
        File.WriteAllText(Config, $"""
            [mailboxes]
            locations = {At("mail")}/{locations}
            [quota]
            limit = {limit}
            create = {create}
            [watching]
            settle = 50ms
            [warnings]
            quota_warning = storage=80%% {Script}
            [state]
            directory = {At("state")}
            {more}
            """);

    public string MakeMailbox(string path)
    {
        var mailbox = At(Path.Combine("mail", path));
        foreach (var name in (ReadOnlySpan<string>)["tmp", "new", "cur"])
            Directory.CreateDirectory(Path.Combine(mailbox, name));
        return mailbox;
    }

    public Binary Start(string? watchdog = null)
    {
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = NotifySocket };
        if (watchdog is not null)
            environment["WATCHDOG_USEC"] = watchdog;
        return new Binary(environment, "run", "--config", Config);
    }

    /// <summary>Runs a command beside the service, with its configuration.</summary>
    public Binary Command(params string[] words) =>
        new(new Dictionary<string, string>(), [.. words, "--config", Config]);

    /// <summary>Waits until <c>status</c> ends so and says that.</summary>
    public void AwaitStatus(int code, string part)
    {
        var said = "";
        Poll.Until(
            () =>
            {
                using var status = Command("status");
                said = $"exit code {status.End()}\n{status.Describe()}";
                return said.StartsWith($"exit code {code}\n", StringComparison.Ordinal)
                    && said.Contains(part, StringComparison.Ordinal);
            },
            () => $"expected exit code {code} and '{part}', is {said}");
    }

    /// <summary>Starts, and returns when it has said READY.</summary>
    public Binary StartReady()
    {
        _told.Clear();
        var service = Start();
        try
        {
            AwaitTold("READY=1", service);
            return service;
        }
        catch
        {
            service.Dispose();
            throw;
        }
    }

    public void AwaitTold(string part, Binary service) => Poll.Until(
        () =>
        {
            Listen();
            return _told.Any(message => message.Contains(part, StringComparison.Ordinal));
        },
        () => $"systemd never heard '{part}', but:\n{string.Join('\n', _told)}\n{service.Describe()}");

    public void ForgetTold()
    {
        Listen();
        _told.Clear();
    }

    /// <summary>Waits until maildirsize has this header and adds up to this.</summary>
    public static void AwaitLedger(string mailbox, string header, long bytes, long messages, Binary service)
    {
        var found = "";
        Poll.Until(
            () =>
            {
                var path = Path.Combine(mailbox, "maildirsize");
                found = File.Exists(path) ? File.ReadAllText(path) : "missing";
                var lines = found.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                var numbers = lines.Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
                return lines[0] == header && numbers.All(pair => pair.Length == 2)
                    && numbers.Sum(pair => long.Parse(pair[0])) == bytes
                    && numbers.Sum(pair => long.Parse(pair[1])) == messages;
            },
            () => $"{mailbox}: expected {header} {bytes} {messages}, found {found}\n{service.Describe()}");
    }

    public static void Deliver(string mailbox, string name, int bytes)
    {
        var temporary = Path.Combine(mailbox, "tmp", name);
        File.WriteAllBytes(temporary, new byte[bytes]);
        File.Move(temporary, Path.Combine(mailbox, "new", name));
    }

    public string[] ReadWarnings() => File.Exists(Warnings) ? File.ReadAllLines(Warnings) : [];

    public void Dispose()
    {
        _systemd.Dispose();
        _scratch.Dispose();
    }

    private void Listen()
    {
        var buffer = new byte[4096];
        while (_systemd.Poll(0, SelectMode.SelectRead))
            _told.Add(Encoding.UTF8.GetString(buffer, 0, _systemd.Receive(buffer)));
    }
}
