using System.Collections.Concurrent;
using System.Diagnostics;
using MaildirQuotaWatcher.Testing;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Daemon.Tests.Running;

/// <summary>The built binary as a process of its own; killed when disposed.</summary>
internal sealed class Binary : IDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    public Binary(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        // Built with the tests, in the same configuration, beside them.
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var path = RepositoryRoot.Combine("src", "Daemon", "bin", here.Parent!.Name, here.Name, "maildir-quota-watcher");
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it printed until now, both streams.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    public bool IsRunning => !_process.HasExited;

    public void Signal(Signum signal) => Assert.Equal(0, Syscall.kill(_process.Id, signal));

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public int End()
    {
        // Some have minutes of work on a slow machine.
        if (!_process.WaitForExit(TimeSpan.FromMinutes(5)))
            Assert.Fail($"does not end\n{Describe()}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void AwaitLine(string part) =>
        Poll.Until(() => _lines.Any(line => line.Contains(part, StringComparison.Ordinal)),
            () => $"never said '{part}'\n{Describe()}");

    public string Describe() => string.Join('\n', _lines);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is not null)
            _lines.Enqueue(line);
    }
}
