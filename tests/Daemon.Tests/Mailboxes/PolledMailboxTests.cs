using System.Diagnostics;
using System.Globalization;
using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Daemon.Tests.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>
/// A mailbox seen through FUSE (bindfs), changed behind its back: the kernel tells nothing, as with a network file
/// system that another machine writes.
/// </summary>
public sealed class PolledMailboxTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly string _behind;
    private readonly string _mailbox;
    private bool _mounted;

    public PolledMailboxTests()
    {
        _behind = Path.Combine(Directory.CreateDirectory(Path.Combine(_scratch.FullName, "behind")).FullName, "Maildir");
        LiveWatch.MakeMaildir(_behind);
        File.WriteAllText(Path.Combine(_behind, "maildirsize"), "1000000S\n0 0\n");
        _mailbox = Path.Combine(Directory.CreateDirectory(Path.Combine(_scratch.FullName, "mount")).FullName, "Maildir");
    }

    public void Dispose()
    {
        if (_mounted)
            Run("umount", Path.GetDirectoryName(_mailbox)!);
        _scratch.Dispose();
    }

    [Fact]
    public void Change_OfWhichTheKernelTellsNothing_IsFoundByLooking()
    {
        Mount();
        var options = LiveWatch.Counting(CountingPolicy.MaildirPlusPlus) with { PollEvery = TimeSpan.FromSeconds(1) };
        using var watch = new LiveWatch(options, _mailbox);
        Assert.Equal(1, watch.Watch.Polled);

        File.WriteAllText(Path.Combine(_behind, "cur", "1.one,S=100:2,"), "");
        watch.WaitUntil(_mailbox, new Usage(100, 1));

        LiveWatch.MakeMaildir(Path.Combine(_behind, ".Sent"));
        File.WriteAllText(Path.Combine(_behind, ".Sent", "cur", "2.two,S=20:2,"), "");
        watch.WaitUntil(_mailbox, new Usage(120, 2));

        File.WriteAllText(Path.Combine(_behind, "maildirsize"), "1000000S\n7 7\n");
        watch.WaitUntil(_mailbox, new Usage(120, 2));

        File.Delete(Path.Combine(_behind, "cur", "1.one,S=100:2,"));
        watch.WaitUntil(_mailbox, new Usage(20, 1));
    }

    [Fact]
    public void Change_OfAMailboxThatCouldNotBeOpenedAtFirst_IsFoundByLooking()
    {
        Mount();
        var options = LiveWatch.Counting(CountingPolicy.MaildirPlusPlus) with
        {
            PollEvery = TimeSpan.FromSeconds(1),
            RetryAfter = TimeSpan.FromMilliseconds(100),
            RulesOf = static _ => throw new InvalidOperationException("not to be opened yet"),
        };
        using var watch = new LiveWatch(options, _mailbox);
        LiveWatch.WaitFor(() => watch.Watch.Polled == 1, () => "it is not polled");

        File.WriteAllText(Path.Combine(_behind, "cur", "1.one,S=100:2,"), "");
        watch.WaitUntil(_mailbox, new Usage(100, 1));
    }

    [Fact]
    public void Change_JustAfterTheCountOfAYoungDirectory_IsFoundByLooking()
    {
        Mount();
        // Long enough for the times to be noted before the next look; the directories were made a moment ago.
        var options = LiveWatch.Counting(CountingPolicy.MaildirPlusPlus) with { PollEvery = TimeSpan.FromSeconds(8) };
        using var watch = new LiveWatch(options, _mailbox);
        File.WriteAllText(Path.Combine(_behind, "cur", "1.one,S=100:2,"), "");
        watch.WaitUntil(_mailbox, new Usage(100, 1));
    }

    [Fact]
    public void Count_LongerThanTheTimeBetweenTwoLooks_ComesToAnEnd()
    {
        for (var message = 0; message < 3000; message++)
            File.WriteAllText(Path.Combine(_behind, "cur", $"{message}.one,S=1:2,"), "");
        Mount();
        var options = LiveWatch.Counting(CountingPolicy.MaildirPlusPlus) with
        {
            PollEvery = TimeSpan.FromSeconds(1),
            ScanRate = 1000,
        };
        using var watch = new LiveWatch(options, awaitFirst: false, _mailbox);
        watch.WaitUntil(_mailbox, new Usage(3000, 3000));
    }

    [Fact]
    public void FileSystem_ThatNoLongerAnswers_KeepsNoOtherMailboxWaiting()
    {
        using var server = Serve();
        var other = Path.Combine(_scratch.FullName, "other", "Maildir");
        LiveWatch.MakeMaildir(other);
        var options = LiveWatch.Counting(CountingPolicy.MaildirPlusPlus) with { PollEvery = TimeSpan.FromSeconds(1) };
        using var watch = new LiveWatch(options, _mailbox, other);
        Assert.Equal(1, watch.Watch.Polled);

        Signal(server, "-STOP");
        try
        {
            // Asked for now, and not to be had: the thread that looks hangs in the kernel.
            watch.Watch.Repeat(new Deaf(_mailbox));
            File.WriteAllText(Path.Combine(other, "cur", "1.one,S=100:2,"), "");
            watch.WaitUntil(other, new Usage(100, 1));
            var answer = watch.Watch.RoundTrip();
            LiveWatch.WaitFor(() => answer.IsCompleted, () => "no answer of the machine");
            File.WriteAllText(Path.Combine(_behind, "cur", "1.one,S=7:2,"), "");
        }
        finally
        {
            Signal(server, "-CONT");
        }

        watch.WaitUntil(_mailbox, new Usage(7, 1));
    }

    [Fact]
    public void Mailbox_OnThisMachinesDisk_IsNotPolled()
    {
        using var watch = new LiveWatch(LiveWatch.Counting(CountingPolicy.MaildirPlusPlus), _behind);
        Assert.Equal(0, watch.Watch.Polled);
    }

    private void Mount()
    {
        Rights.DemandFuse();
        Assert.Equal(0, Run("bindfs", Path.GetDirectoryName(_behind)!, Path.GetDirectoryName(_mailbox)!));
        _mounted = true;
    }

    /// <summary>The mount, by a process that can be stopped.</summary>
    private Process Serve()
    {
        Rights.DemandFuse();
        var server = Process.Start(
            "bindfs", ["-f", Path.GetDirectoryName(_behind)!, Path.GetDirectoryName(_mailbox)!]);
        _mounted = true;
        LiveWatch.WaitFor(() => Directory.Exists(_mailbox), () => "bindfs does not mount");
        return server;
    }

    private static void Signal(Process process, string signal) =>
        Assert.Equal(0, Run("kill", signal, process.Id.ToString(CultureInfo.InvariantCulture)));

    private static int Run(string program, params string[] words)
    {
        using var process = Process.Start(program, words);
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Looks at the mailbox on its worker's thread, and so hangs with it.</summary>
    private sealed class Deaf(string mailbox) : IChangeSink
    {
        public void Accept(Mailbox asked, UsageChange change)
        {
            if (asked.Path.Display == mailbox)
                _ = File.ReadAllText(Path.Combine(mailbox, "maildirsize"));
        }
    }
}
