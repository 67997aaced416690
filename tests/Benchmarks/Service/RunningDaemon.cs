using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Benchmarks.Service;

/// <summary>
/// The real daemon, <c>run --config</c>, as a process of its own, and its meters of <c>/proc</c>. It says READY through
/// a socket of ours, as it does to systemd. Disposing ends it.
/// </summary>
internal sealed class RunningDaemon : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    private RunningDaemon(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    /// <summary>From exec to READY: every mailbox judged.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    /// <summary>What it logged until now.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="scratch">Directory for configuration, state and socket; the state stays from start to start.</param>
    /// <param name="location">Pattern of the mailboxes.</param>
    /// <param name="settle">As the configuration has it.</param>
    /// <exception cref="IOException">It ended, or is never ready.</exception>
    public static RunningDaemon Start(string scratch, string location, string settle = "300ms")
    {
        var config = Path.Combine(scratch, "bench.conf");
        File.WriteAllText(config, $"""
            [mailboxes]
            locations = {location}
            [watching]
            settle = {settle}
            [state]
            directory = {Path.Combine(scratch, "state")}

            """);
        var notify = Path.Combine(scratch, "notify");
        File.Delete(notify);
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(notify));

        var start = new ProcessStartInfo(Tools.Daemon, ["run", "--config", config])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NOTIFY_SOCKET"] = notify;
        var since = Stopwatch.GetTimestamp();
        var daemon = new RunningDaemon(start);
        try
        {
            daemon.AwaitReady(systemd, since);
        }
        catch
        {
            daemon.Dispose();
            throw;
        }

        return daemon;
    }

    /// <summary>What each of its threads has used until now.</summary>
    public CpuUse Cpu() => CpuUse.Of(Pid);

    /// <summary>Kilobytes of a line of <c>smaps_rollup</c>: Rss, Pss, Private_Dirty.</summary>
    public long Kilobytes(string name) => Tools.Kilobytes($"/proc/{Pid}/smaps_rollup", name);

    public void Signal(Signum signal)
    {
        if (Syscall.kill(Pid, signal) != 0)
            throw new IOException($"kill({signal}) failed");
    }

    /// <summary>Waits until it takes next to no processor time for a while, half a second at least.</summary>
    public void AwaitRest()
    {
        const double NextToNothing = 5_000; // 5 ms in half a second
        CpuUse before;
        do
        {
            before = Cpu();
            Thread.Sleep(500);
        }
        while (Cpu().Since(before).Microseconds > NextToNothing);
    }

    /// <summary>A clean stop, as systemd does it.</summary>
    public TimeSpan Stop()
    {
        var since = Stopwatch.GetTimestamp();
        Signal(Signum.SIGTERM);
        _process.WaitForExit();
        return _process.ExitCode == 0
            ? Stopwatch.GetElapsedTime(since)
            : throw new IOException($"ended with {_process.ExitCode}\n{string.Join('\n', _lines)}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void AwaitReady(Socket systemd, long since)
    {
        var buffer = new byte[4096];
        while (true)
        {
            if (systemd.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead)
                && buffer.AsSpan(0, systemd.Receive(buffer)).IndexOf("READY=1"u8) >= 0)
            {
                ReadyAfter = Stopwatch.GetElapsedTime(since);
                return;
            }

            if (_process.HasExited || Stopwatch.GetElapsedTime(since) > Patience)
                throw new IOException($"the daemon is not ready\n{string.Join('\n', _lines)}");
        }
    }

    private void Take(string? line)
    {
        if (line is not null)
            _lines.Enqueue(line);
    }
}
