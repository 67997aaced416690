using MaildirQuotaWatcher.Benchmarks.Service;
using MaildirQuotaWatcher.Cli.Bench;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>
/// An event all the way through the real daemon: read, told whose it is, counted, timer set. The daemon is stopped
/// (SIGSTOP) while its queue fills with flag changes, so that all of them are there at once; its processor time from
/// then on, until it is at rest, is what they cost.
/// </summary>
internal sealed class WholePath(RunningDaemon daemon, BenchMailbox[] mailboxes, int renames)
{
    public Reading Run()
    {
        daemon.AwaitRest();
        var before = daemon.Cpu();
        daemon.Signal(Signum.SIGSTOP);
        for (var i = 0; i < renames; i++)
            mailboxes[i % mailboxes.Length].ChangeFlag();
        daemon.Signal(Signum.SIGCONT);
        daemon.AwaitRest();
        if (daemon.Lines.Any(line => line.Contains("overflow", StringComparison.Ordinal)))
            throw new InvalidOperationException("the daemon's queue overflowed: these were not events but a recount");
        return new Timing(daemon.Cpu().Since(before).Microseconds, renames * 2L);
    }
}
