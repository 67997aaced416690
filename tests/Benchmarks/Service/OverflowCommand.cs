using System.Diagnostics;
using System.Globalization;
using MaildirQuotaWatcher.Cli.Bench;
using MaildirQuotaWatcher.Linux;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Benchmarks.Service;

/// <summary>
/// <c>overflow</c>: the queue of the running daemon overflows in the middle of many mailboxes. It is stopped (SIGSTOP)
/// while more happens than its queue holds, so that some deliveries are never reported; when it goes on, deliveries
/// elsewhere go on too. Root, since the queue is made small first.
/// </summary>
/// <remarks>
/// Done twice, with a fresh daemon each: once for the times, once under strace, which counts the directories read
/// (getdents64) from the overflow on, but makes everything slow.
/// </remarks>
internal sealed class OverflowCommand
{
    private const int Queue = 4096;
    private const int FlagChanges = 20_000;
    private const int Busy = 100;
    private const int Live = 200;
    private const int Folders = 5;
    private const int Messages = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly string _directory;
    private readonly string _store;
    private readonly BenchMailbox[] _flagged;
    private readonly BenchMailbox[] _missed;
    private readonly BenchMailbox[] _live;

    private OverflowCommand(string directory, string store, int mailboxes)
    {
        (_directory, _store) = (directory, store);
        var numbers = Enumerable.Range(0, mailboxes).ToArray();
        Random.Shared.Shuffle(numbers);
        var chosen = numbers.Take(2 * Busy + Live).Select(number => GrowthCommand.Adopted(store, number)).ToArray();
        (_flagged, _missed, _live) = (chosen[..Busy], chosen[Busy..(2 * Busy)], chosen[(2 * Busy)..]);
    }

    public static int Run(string directory, string? tsv, int mailboxes)
    {
        if (mailboxes < 2 * Busy + Live)
            throw new ArgumentException($"at least {2 * Busy + Live} mailboxes", nameof(mailboxes));
        var store = Directory.CreateDirectory(Path.Combine(directory, "overflow")).FullName;
        Console.WriteLine(Tools.Machine);
        Tools.MakeStore(store, 0, mailboxes, Folders, Messages);
        var watches = mailboxes * (2L * (Folders + 1) + 2);
        using var more = watches > Tools.Limit("max_user_watches") * 0.9
            ? Tools.SetLimit("max_user_watches", 2 * watches)
            : null;
        using var less = Tools.SetLimit("max_queued_events", Queue);
        var command = new OverflowCommand(directory, store, mailboxes);
        var table = new TextTable("mailboxes", "directories", "missed right s", "live p50 ms", "live p99 ms",
            "live max ms", "at rest after s", "CPU s", "directories read", "lost for good");
        var reads = command.Measure(out _, traced: true);
        var row = command.Measure(out var log, traced: false);
        table.Add([mailboxes, mailboxes * 2L * (Folders + 1), .. row, reads[0], command.Wrong()]);
        table.Print();
        Console.WriteLine($"""
            The queue holds {Queue} events; {FlagChanges} flag changes and then {Busy} deliveries to other mailboxes (missed)
            happened while the daemon was stopped. live: {Live} deliveries elsewhere, 100 a second from the moment it went
            on, less 300 ms settle. directories read: in a second run, under strace, opened and read to the end. What the daemon logged:
            {string.Join('\n', log.Where(line => !IsOfMailbox(line)).Select(line => "    " + line))}
                and {log.Count(IsOfMailbox)} lines of single mailboxes, the first: {log.FirstOrDefault(IsOfMailbox)}
            """);
        if (tsv is not null)
            table.AppendTo(tsv);
        return command.Wrong() == 0 ? 0 : 1;

        bool IsOfMailbox(string line) => line.Contains(store, StringComparison.Ordinal);
    }

    /// <returns>Times: missed, live p50, p99, max, rest, CPU. Traced: the directories read.</returns>
    private object?[] Measure(out IReadOnlyList<string> log, bool traced)
    {
        using var daemon = RunningDaemon.Start(_directory, Path.Combine(_store, "%u", "Maildir"));
        daemon.AwaitRest();
        using var missed = new LedgerEye();
        using var live = new LedgerEye();
        foreach (var mailbox in _missed)
            missed.Watch(mailbox);
        foreach (var mailbox in _live)
            live.Watch(mailbox);
        var said = daemon.Lines.Count;
        var before = daemon.Cpu();
        using var reads = traced ? new ReadCount(daemon, Path.Combine(_directory, "strace")) : null;

        daemon.Signal(Signum.SIGSTOP);
        for (var i = 0; i < FlagChanges; i++)
            _flagged[i % Busy].ChangeFlag();
        foreach (var mailbox in _missed)
            missed.Deliver(mailbox);
        var since = Stopwatch.GetTimestamp();
        daemon.Signal(Signum.SIGCONT);
        foreach (var mailbox in _live)
        {
            live.Deliver(mailbox);
            Thread.Sleep(10);
        }

        live.AwaitAll(Patience);
        missed.AwaitAll(Patience);
        // The clock of the missed began at their delivery; the daemon could not do anything before it went on.
        var missedRight = missed.TakeMilliseconds().Max() / 1000;
        daemon.AwaitRest();
        var rest = Stopwatch.GetElapsedTime(since).TotalSeconds;
        var cpu = daemon.Cpu().Since(before).Microseconds;
        var directories = reads?.End();
        log = [.. daemon.Lines.Skip(said)];
        daemon.Stop();
        if (traced)
            return [directories];
        var latencies = live.TakeMilliseconds().Select(each => each - 300).ToArray();
        return
        [
            missedRight, Tools.Percentile(latencies, 0.5), Tools.Percentile(latencies, 0.99),
            Tools.Percentile(latencies, 1), rest, cpu / 1e6,
        ];
    }

    /// <summary>Ledgers that differ from the truth, among all mailboxes that were written to.</summary>
    private int Wrong() => _flagged.Concat(_missed).Concat(_live)
        .Count(mailbox => BenchJudge.Ledger(mailbox.Path) != BenchJudge.Truth(mailbox.Path));

    /// <summary>strace on a running daemon; each directory read to its end shows as one getdents64 that returns 0.</summary>
    private sealed class ReadCount : IDisposable
    {
        private readonly Process _strace;
        private readonly string _file;

        public ReadCount(RunningDaemon daemon, string file)
        {
            _file = file;
            _strace = Process.Start("strace",
            [
                "-f", "-q", "-e", "trace=getdents64", "-e", "signal=none", "-o", file,
                "-p", daemon.Pid.ToString(CultureInfo.InvariantCulture),
            ]);
            // What is read before it holds a thread would not be counted.
            var tasks = $"/proc/{daemon.Pid.ToString(CultureInfo.InvariantCulture)}/task";
            while (!_strace.HasExited && !Directory.GetDirectories(tasks).All(IsHeld))
                Thread.Sleep(10);
        }

        private bool IsHeld(string task) =>
            File.ReadLines(Path.Combine(task, "status")).Contains($"TracerPid:\t{_strace.Id}");

        public long End()
        {
            Syscall.kill(_strace.Id, Signum.SIGINT);
            _strace.WaitForExit();
            return File.ReadLines(_file).LongCount(line => line.EndsWith("= 0", StringComparison.Ordinal));
        }

        public void Dispose()
        {
            if (!_strace.HasExited)
                Syscall.kill(_strace.Id, Signum.SIGINT);
            _strace.WaitForExit();
            _strace.Dispose();
        }
    }
}
