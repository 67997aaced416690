using System.Diagnostics;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>A server that runs in the foreground as our child, ended by its process id.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly List<string> said = [];

    public ServerProcess(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Say(line.Data);
        process.ErrorDataReceived += (_, line) => Say(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Waits until the server answers.</summary>
    public ServerProcess Await(Func<bool> answers)
    {
        var up = Running.Poll.Until(() => process.HasExited || answers(), Limit) && !process.HasExited;
        if (up)
            return this;
        Dispose();
        lock (said)
            throw new InvalidOperationException($"{process.StartInfo.FileName}: {string.Join('\n', said)}");
    }

    public void Signal(Signum signal) => Syscall.kill(process.Id, signal);

    public void Stop(Signum signal)
    {
        Signal(signal);
        Signal(Signum.SIGCONT);
        if (!process.WaitForExit(Limit))
            throw new InvalidOperationException($"{process.StartInfo.FileName} does not end");
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private void Say(string? line)
    {
        lock (said)
            said.Add(line ?? "");
    }
}
