using System.Collections.Concurrent;
using System.Diagnostics;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Peers.Running;

/// <summary>The built binary as the service <c>run</c>, with a configuration of the test's own.</summary>
internal sealed class Service : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly ScratchDirectory scratch = new();
    private readonly ConcurrentQueue<string> lines = new();
    private readonly Process process;

    /// <summary>Returns when every mailbox has been judged.</summary>
    /// <param name="configuration">Everything but <c>[state]</c>.</param>
    public Service(string configuration)
    {
        Write(configuration);
        process = new Process
        {
            StartInfo = new ProcessStartInfo(Repository.DaemonBinary, ["run", "--config", Configuration])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            Await("watching ");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Configuration => Path.Combine(scratch.Location, "service.conf");

    /// <summary>What it logged, for a failing test's message.</summary>
    public string Log => "--- the service's last lines\n" + string.Join('\n', lines.TakeLast(40));

    /// <summary>Another configuration from now on: SIGHUP.</summary>
    public void Reload(string configuration)
    {
        Write(configuration);
        lines.Clear();
        if (Syscall.kill(process.Id, Signum.SIGHUP) != 0)
            throw new InvalidOperationException(Log);
        Await("loaded again");
    }

    public void Dispose()
    {
        if (!process.HasExited && Syscall.kill(process.Id, Signum.SIGTERM) == 0 && !process.WaitForExit(StartLimit))
            process.Kill();
        process.Dispose();
        scratch.Dispose();
    }

    private void Write(string configuration) => File.WriteAllText(Configuration, $"""
        {configuration}
        [state]
        directory = {Path.Combine(scratch.Location, "state")}

        """);

    private void Await(string words)
    {
        if (!Poll.Until(() => process.HasExited || lines.Any(Holds), StartLimit) || !lines.Any(Holds))
            throw new InvalidOperationException($"the service never said '{words}'\n{Log}");

        bool Holds(string line) => line.Contains(words, StringComparison.Ordinal);
    }

    private void Take(string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }
}
