using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using MaildirQuotaWatcher.Daemon.Tests.Mailboxes;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Hostile;

/// <summary>The built binary as a process of its own, started through a shell line; ended by its id when
/// disposed.</summary>
internal sealed class BuiltDaemon : IDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    /// <param name="before">Shell commands before it, then the words it runs under: <c>umask 077; exec</c>.</param>
    /// <param name="arguments">Of the binary.</param>
    public BuiltDaemon(string before, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", ["-c", $"{before} \"$@\"", "bash", Binary, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1,
        };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public static string Binary { get; } = RepositoryRoot.Combine(
        "src", "Daemon", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "maildir-quota-watcher");

    /// <summary>Everything it printed, each byte a character.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    public bool HasEnded => _process.HasExited;

    public void WaitForLine(params string[] words) => LiveWatch.WaitFor(
        () => _lines.Any(line => words.All(word => line.Contains(word, StringComparison.Ordinal))),
        () => $"it never said {string.Join(", ", words)}:\n{string.Join('\n', _lines)}");

    /// <summary>kill -9, as a crash would; of this process only.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is not null)
            _lines.Enqueue(line);
    }
}
