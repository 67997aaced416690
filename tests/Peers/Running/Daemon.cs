using System.Collections.Concurrent;
using System.Diagnostics;
using MaildirQuotaWatcher.Peers.Mailboxes;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Peers.Running;

/// <summary>The built binary as a process of its own, as root, watching some mailboxes.</summary>
internal sealed class Daemon : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly MailboxFixture[] mailboxes;
    private readonly ScratchDirectory state = new();
    private readonly string[] options;
    private readonly ConcurrentQueue<string> lines = new();
    private Process process;

    /// <summary>Returns when every mailbox has been scanned.</summary>
    /// <param name="options">Further options of <c>watch</c>.</param>
    public Daemon(MailboxFixture[] mailboxes, params string[] options)
    {
        this.mailboxes = mailboxes;
        this.options = options;
        process = Start();
    }

    /// <summary>The state directory.</summary>
    public string State => state.Location;

    /// <summary>Everything the process and its predecessors printed, errors too.</summary>
    public IReadOnlyCollection<string> Lines => lines;

    /// <summary>Waits until every ledger equals its mailbox, and fails when that takes longer.</summary>
    /// <returns>How long it took.</returns>
    public TimeSpan WaitUntilRight(TimeSpan within)
    {
        // Counts a mailbox once: a right one stays right while nobody writes.
        var wrong = new Queue<MailboxFixture>(mailboxes);
        if (!Poll.Until(NoneLeft, within, out var took))
            Assert.Fail($"wrong after {within.TotalSeconds} s:\n{string.Join('\n', wrong.Select(Describe))}\n{Log()}");
        return took;

        bool NoneLeft()
        {
            while (wrong.TryPeek(out var next) && next.IsRight)
                wrong.Dequeue();
            return wrong.Count == 0;
        }
    }

    /// <summary>kill -9, as a crash would.</summary>
    public void Kill() => End(Signum.SIGKILL);

    /// <summary>SIGTERM: an orderly end.</summary>
    /// <returns>The exit code.</returns>
    public int Stop() => End(Signum.SIGTERM);

    /// <summary>Starts again with the same options and the same state directory.</summary>
    public void Restart()
    {
        process.Dispose();
        process = Start();
    }

    /// <summary>The last lines printed, for a failing test's message.</summary>
    public string Log() => "--- the daemon's last lines\n" + string.Join('\n', lines.TakeLast(40));

    public void Dispose()
    {
        if (!process.HasExited)
            End(Signum.SIGKILL);
        process.Dispose();
        state.Dispose();
    }

    private static string Describe(MailboxFixture mailbox) =>
        $"{mailbox.Maildir}: truth {mailbox.Truth}, ledger "
        + $"[{Ledger.Read(mailbox.LedgerPath)?.Text.ReplaceLineEndings("|")}]";

    private int End(Signum signal)
    {
        if (Syscall.kill(process.Id, signal) != 0)
            throw new InvalidOperationException($"kill {signal}: {Stdlib.strerror(Stdlib.GetLastError())}\n{Log()}");
        if (!process.WaitForExit(StartLimit))
            throw new InvalidOperationException($"the daemon outlived {signal}\n{Log()}");
        process.WaitForExit();
        return process.ExitCode;
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(
            Repository.DaemonBinary,
            ["watch", .. mailboxes.Select(mailbox => mailbox.Maildir), "--state", state.Location, .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var watching = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new Process { StartInfo = start };
        started.OutputDataReceived += (_, line) => Take(line.Data);
        started.ErrorDataReceived += (_, line) => Take(line.Data);
        started.Start();
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        if (Task.WaitAny([watching.Task, started.WaitForExitAsync()], StartLimit) != 0)
        {
            started.Kill();
            throw new InvalidOperationException($"the daemon never said that it is watching\n{Log()}");
        }

        return started;

        void Take(string? line)
        {
            if (line is null)
                return;
            lines.Enqueue(line);
            if (line.Contains("watching", StringComparison.Ordinal))
                watching.TrySetResult();
        }
    }
}
