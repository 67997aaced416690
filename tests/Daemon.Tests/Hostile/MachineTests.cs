using System.Diagnostics;
using System.Text;
using MaildirQuotaWatcher.Daemon.Tests.Mailboxes;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Daemon.Tests.Hostile;

/// <summary>Tests that change the machine; one at a time, nothing beside them.</summary>
[CollectionDefinition("Machine", DisableParallelization = true)]
public sealed class MachineCollection;

/// <summary>A machine out of order: full, read-only, without rights, with limits of the kernel reached.</summary>
[Collection("Machine")]
public sealed class MachineTests : HostileMailboxes
{
    private const string Nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
    private const string QueueLimit = "/proc/sys/fs/inotify/max_queued_events";

    private string? _disk;

    private string Mount => Path.Combine(Place, "mount");

    private string Mounted => Path.Combine(Mount, "Maildir");

    public override void Dispose()
    {
        Shell("if mountpoint -q \"$1\"; then umount -l \"$1\"; fi", Mount);
        if (_disk is not null)
            Shell("losetup -d \"$1\"", _disk);
        base.Dispose();
    }

    [Fact]
    public void Watch_FullDisk_SaysSoAndIsRightWhenThereIsRoom()
    {
        MakeMount("size=256k");
        File.WriteAllText(Path.Combine(Mounted, "maildirsize"), "100000S\njunk\n");
        Shell("head -c 1M /dev/zero > \"$1/big\" 2>/dev/null || true", Mount);
        using var live = new LiveWatch(Limited, Mounted, Bystander);

        live.WaitForProblem(Mounted, "ENOSPC", Mounted, "make room");
        CheckBystander(live);
        Assert.Empty(Directory.GetFiles(Path.Combine(Mounted, "tmp")));
        Assert.Equal("100000S\\njunk\\n", LiveWatch.LedgerText(Mounted));

        File.Delete(Path.Combine(Mount, "big"));
        live.WaitUntil(Mounted, Usage.Zero);
    }

    [Theory]
    [InlineData("100000S\n5 1\n")]
    [InlineData("100000S\njunk\n")]
    public void Watch_ReadOnly_SaysSoAndIsRightWhenItIsNotAnyMore(string ledger)
    {
        MakeMount("size=256k");
        File.WriteAllText(Path.Combine(Mounted, "maildirsize"), ledger);
        Shell("mount -o remount,ro \"$1\"", Mount);
        using var live = new LiveWatch(Limited, Mounted, Bystander);

        live.WaitForProblem(Mounted, "EROFS", Mounted, "remount");
        CheckBystander(live);

        Shell("mount -o remount,rw \"$1\"", Mount);
        live.WaitUntil(Mounted, Usage.Zero);
    }

    [Fact]
    public void Watch_Unmounted_IsGoneAndFoundAgain()
    {
        MakeMount("size=256k");
        using var live = new LiveWatch(Limited, Mounted, Bystander);

        Unmount(Mount);
        CheckBystander(live);
        LiveWatch.MakeMaildir(Mounted);
        File.WriteAllText(Path.Combine(Mounted, "cur", "1,S=7"), "");

        live.WaitUntil(Mounted, new Usage(7, 1));
        CheckBystander(live);
    }

    [Fact]
    public void Watch_MountedInAMailbox_IsCountedAndSoIsWhatIsUncovered()
    {
        Linux.Rights.DemandMount();
        var (folder, other) = (Path.Combine(Mailbox, ".A"), Path.Combine(Place, "other"));
        Shell("mkdir -p \"$1/cur\" \"$1/new\" \"$2/cur\" \"$2/new\"; : > \"$2/cur/1,S=7\"", folder, other);
        using var live = new LiveWatch(Limited, Mailbox, Bystander);
        try
        {
            // What is bound stays in use when it is unmounted, so no watch of it ends.
            Shell("mount --bind \"$2\" \"$1\"", folder, other);
            live.WaitUntil(Mailbox, new Usage(7, 1));
            File.WriteAllText(Path.Combine(folder, "cur", "2,S=20"), "");
            live.WaitUntil(Mailbox, new Usage(27, 2));
        }
        finally
        {
            Unmount(folder);
        }

        live.WaitUntil(Mailbox, Usage.Zero);
        File.WriteAllText(Path.Combine(folder, "cur", "3,S=300"), "");
        live.WaitUntil(Mailbox, new Usage(300, 1));
        CheckBystander(live);
    }

    [Fact]
    public void Watch_WhatCoveredAMailboxIsUnmounted_IsFollowedAgain()
    {
        Linux.Rights.DemandMount();
        var other = Path.Combine(Place, "other");
        LiveWatch.MakeMaildir(other);
        using var live = new LiveWatch(Limited, Mailbox, Bystander);
        try
        {
            Shell("mount --bind \"$2\" \"$1\"", Mailbox, other);
            Deliver(Mailbox);
            live.WaitUntil(Mailbox, new Usage(10, 1));
        }
        finally
        {
            Unmount(Mailbox);
        }

        File.WriteAllText(Path.Combine(Mailbox, "cur", "3,S=300"), "");
        live.WaitUntil(Mailbox, new Usage(300, 1));
        CheckBystander(live);
    }

    [Theory]
    [InlineData("chmod 0 \"$1/cur\"", "chmod 700 \"$1/cur\"", "cur")]
    [InlineData("mkdir -m 0 \"$1/.A\"; chown 65534:65534 \"$1/.A\"", "chmod 700 \"$1/.A\"; mkdir \"$1/.A/cur\"", ".A")]
    [InlineData("chmod 0 \"$1\"", "chmod 700 \"$1\"", "attacker")]
    [InlineData("chmod 0 \"$1/maildirsize\"", "chmod 600 \"$1/maildirsize\"", "maildirsize")]
    [InlineData("chmod 555 \"$1/tmp\"; echo junk >> \"$1/maildirsize\"", "chmod 700 \"$1/tmp\"", "tmp")]
    public void Watch_NotAllowed_SaysSoAndIsRightWhenItIs(string breaking, string mending, string where)
    {
        RootOnly();
        Deliver(Mailbox);
        Shell("chmod 755 \"$1\"; chown -R 65534:65534 \"$1\"/*", Place);
        Shell(breaking, Mailbox);
        using var daemon = new BuiltDaemon($"exec {Nobody}", "watch", Mailbox, Bystander, "--limit", "100000");

        daemon.WaitForLine(Mailbox, where, "EACCES", "owner");
        CheckBystander();

        Shell(mending, Mailbox);
        WaitForLedger(Mailbox, new Usage(10, 1));
        CheckBystander();
    }

    [Theory]
    [InlineData("0000")]
    [InlineData("0777")]
    public void Watch_OddUmask_KeepsOwnerAndMode(string umask)
    {
        RootOnly();
        Shell("chown 65534:65534 \"$1\" && chmod 640 \"$1\"; echo junk >> \"$1\"", Ledger);
        Shell("rm \"$1/maildirsize\"; chmod 750 \"$1\"; chown 65534:8 \"$1\"", Bystander);
        using var daemon = new BuiltDaemon($"umask {umask}; exec", "watch", Mailbox, Bystander, "--limit", "100000");
        WaitForLedger(Mailbox, Usage.Zero);
        WaitForLedger(Bystander, Usage.Zero);

        Assert.Equal("65534:65534 640", Linux.Shell.Run("stat", "-c", "%u:%g %a", Ledger));
        Assert.Equal("65534:8 640", Linux.Shell.Run("stat", "-c", "%u:%g %a", Path.Combine(Bystander, "maildirsize")));
    }

    /// <param name="folder">Length of the folder's name without its dot; 0 for INBOX.</param>
    [Theory]
    [InlineData(0)]
    [InlineData(254)]
    public void Watch_QueueOverflows_EverythingIsCountedAgain(int folder)
    {
        Linux.Rights.DemandMount();
        var place = Path.Combine(Mailbox, folder == 0 ? "" : "." + new string('f', folder));
        LiveWatch.MakeMaildir(place);
        using var live = StartWithQueueOf(16, Mailbox, Bystander);

        var count = Overflow(live, place, times: 3);

        live.WaitUntil(Mailbox, new Usage(count, count));
        CheckBystander(live);
    }

    [Fact]
    public void Watch_MountedAgainWhileEventsWereLost_IsWatchedAgain()
    {
        MakeDisk();
        LiveWatch.WaitFor(() => IsOld(Mounted, "cur") && IsOld(Mounted, "new"), () => "it does not grow older");
        using var live = StartWithQueueOf(16, Mounted, Bystander);
        using var busy = new BusyWorker(live.Watch);

        Unmount();
        MountDisk();
        var count = Overflow(live, Bystander, times: 1);
        busy.GoOn();

        live.WaitUntil(Bystander, new Usage(count, count));
        Deliver(Mounted);
        live.WaitUntil(Mounted, new Usage(10, 1));
        File.WriteAllText(Path.Combine(Mounted, "cur", "1.x,S=7"), "");
        live.WaitUntil(Mounted, new Usage(17, 2));
    }

    [Fact]
    public void Watch_MountedLater_IsFound()
    {
        MakeDisk();
        Unmount();
        using var live = new LiveWatch(Limited, Mounted, Bystander);
        CheckBystander(live);
        Assert.Null(live.Last(Mounted));

        for (var messages = 1; messages < 3; messages++)
        {
            MountDisk();
            Deliver(Mounted);
            live.WaitUntil(Mounted, new Usage(10 * messages, messages));

            Unmount();
            CheckBystander(live);
        }
    }

    [Fact]
    public void Watch_WatchesUsedUp_NamesTheSettingAndIsRightWhenItIsRaised()
    {
        Linux.Rights.DemandMount();
        Shell("cd \"$1\"; for i in {1..10}; do mkdir -p .f$i/cur .f$i/new; : > .f$i/cur/1,S=1; done", Mailbox);
        using var daemon = StartWithWatches(14, "watch", Bystander, Mailbox, "--limit", "100000");
        try
        {
            daemon.WaitForLine(Mailbox, "max_user_watches", "sysctl -w");
            CheckBystander();
            RaiseWatches();
            WaitForLedger(Mailbox, new Usage(10, 10));
            CheckBystander();
        }
        finally
        {
            End(daemon);
        }
    }

    [Fact]
    public void Run_ManyShortOfWatches_AreFewLines_AndOneWhenAllAreFollowed()
    {
        Linux.Rights.DemandMount();
        const int mailboxes = 15;
        for (var i = 0; i < mailboxes; i++)
            LiveWatch.MakeMaildir(Path.Combine(Place, "mail", $"u{i}"));
        var config = Path.Combine(Place, "conf");
        File.WriteAllText(config, $"""
            [mailboxes]
            locations = {Place}/mail/%n
            [quota]
            limit = 100000
            [state]
            directory = {Place}/state
            """);
        // Three for each mailbox, and some for the places where new ones may appear.
        using var daemon = StartWithWatches(14, "run", "--config", config);
        try
        {
            daemon.WaitForLine("mailboxes wait for watches; the command status names some)", "sysctl -w");
            RaiseWatches();
            daemon.WaitForLine("followed again, and so are all that were short of watches");
            for (var i = 0; i < mailboxes; i++)
                WaitForLedger(Path.Combine(Place, "mail", $"u{i}"), Usage.Zero);
            Assert.Equal(2, daemon.Lines.Count(line => line.Contains("/mail/u") && line.Contains("are used up")));
            Assert.Single(daemon.Lines, line => line.Contains("followed again", StringComparison.Ordinal));
        }
        finally
        {
            End(daemon);
        }
    }

    /// <summary>With a limit of watches of its own, in a user namespace: other programs of this machine keep
    /// theirs.</summary>
    private BuiltDaemon StartWithWatches(int watches, params string[] arguments)
    {
        var script = Path.Combine(Place, "limited");
        File.WriteAllText(script, $$"""
            unshare -Ur bash -c '
                echo {{watches}} > /proc/sys/user/max_inotify_watches
                "$@" & pid=$!
                trap "kill -9 $pid" TERM
                while [ ! -e "$0" ]; do kill -0 $pid || exit 1; sleep 0.05; done
                echo 1000 > /proc/sys/user/max_inotify_watches
                while [ ! -e "$0.end" ]; do sleep 0.05; done
                kill -9 $pid' "$1/raise" "${@:2}"
            """);
        return new BuiltDaemon(
            $"run() {{ b=$1; shift; bash '{script}' '{Place}' \"$b\" \"$@\"; }}; run", arguments);
    }

    private void RaiseWatches() => File.WriteAllText(Path.Combine(Place, "raise"), "");

    private void End(BuiltDaemon daemon)
    {
        RaiseWatches();
        File.WriteAllText(Path.Combine(Place, "raise.end"), "");
        LiveWatch.WaitFor(() => daemon.HasEnded, () => "the shell did not end");
    }

    private static void RootOnly() =>
        Assert.SkipUnless(ProcessIdentity.EffectiveUid == 0, "only root can arrange this");

    private LiveWatch StartWithQueueOf(int records, params string[] mailboxes)
    {
        var before = File.ReadAllText(QueueLimit);
        try
        {
            // Read by the kernel when the queue is made.
            File.WriteAllText(QueueLimit, $"{records}", Encoding.ASCII);
            return new LiveWatch(Limited, mailboxes);
        }
        finally
        {
            File.WriteAllText(QueueLimit, before, Encoding.ASCII);
        }
    }

    /// <summary>Writes messages of one byte until the kernel's queue has overflowed so many times more.</summary>
    /// <returns>How many.</returns>
    private static int Overflow(LiveWatch live, string place, int times)
    {
        var (count, until) = (0, live.Watch.Overflows + times);
        for (var round = 0; live.Watch.Overflows < until; round++)
        {
            Assert.True(round < 200, "the queue never overflowed");
            for (var i = 0; i < 300; i++, count++)
                File.WriteAllText(Path.Combine(place, "cur", $"1.b{count},S=1"), "");
        }

        return count;
    }

    /// <summary>Its change time is old enough to be believed.</summary>
    private static bool IsOld(string mailbox, string directory) =>
        Files.Stat(BytePath.FromString(Path.Combine(mailbox, directory)), false, out var status, out _)
        && DateTimeOffset.UtcNow.ToUnixTimeSeconds() - status.ChangedSeconds >= 3;

    /// <summary>A mailbox on a file system that keeps what is in it when it is unmounted.</summary>
    private void MakeDisk()
    {
        Linux.Rights.DemandMount();
        var image = Path.Combine(Place, "image");
        Shell("mkdir \"$1\"; truncate -s 4M \"$2\"; mkfs.ext4 -q \"$2\"", Mount, image);
        // The same device each time it is mounted.
        _disk = Linux.Shell.Run("losetup", "-f", "--show", image);
        MountDisk();
        LiveWatch.MakeMaildir(Mounted);
    }

    private void MountDisk() => Shell("mount \"$2\" \"$1\"", Mount, _disk!);

    private void Unmount() => LiveWatch.WaitFor(
        () =>
        {
            // Busy while somebody looks at a file of it.
            using var umount = Process.Start("umount", [Mount]);
            umount.WaitForExit();
            return umount.ExitCode == 0;
        },
        () => $"{Mount} stays busy");

    private void MakeMount(string options)
    {
        Linux.Rights.DemandMount();
        Shell("mkdir \"$1\"; mount -t tmpfs -o \"$2\" none \"$1\"", Mount, options);
        LiveWatch.MakeMaildir(Mounted);
    }
}
