using MaildirQuotaWatcher.Daemon.Tests.Mailboxes;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Hostile;

/// <summary>Mailboxes watched by fanotify, on file systems that come, go, or cannot be watched so.</summary>
[Collection("Machine")]
public sealed class OtherFileSystemTests : HostileMailboxes
{
    internal override SourceChoice Source => WatchedByFanotify.Choice;

    private string Mount => Path.Combine(Place, "mount");

    private string Mounted => Path.Combine(Mount, "Maildir");

    public OtherFileSystemTests()
    {
        // Who is skipped here is not disposed of.
        if (!Linux.Rights.MayMount)
            base.Dispose();
        Linux.Rights.DemandMount();
        Directory.CreateDirectory(Mount);
    }

    public override void Dispose()
    {
        Shell("while mountpoint -q \"$1\"; do umount -l \"$1\"; done", Mount);
        base.Dispose();
    }

    [Fact]
    public void Watch_Unmounted_IsGoneAndFoundAgain()
    {
        Shell("mount -t tmpfs none \"$1\"", Mount);
        LiveWatch.MakeMaildir(Mounted);
        using var live = new LiveWatch(Limited, Mounted, Bystander);
        Deliver(Mounted);
        live.WaitUntil(Mounted, new Usage(10, 1));

        Unmount(Mount);
        CheckBystander(live);
        LiveWatch.MakeMaildir(Mounted);
        File.WriteAllText(Path.Combine(Mounted, "cur", "1,S=7"), "");

        live.WaitUntil(Mounted, new Usage(7, 1));
        CheckBystander(live);
    }

    [Fact]
    public void Fanotify_MountedAgain_EndsTheOldWatchAndWatchesAnew()
    {
        var image = Path.Combine(Place, "image");
        Shell("truncate -s 4M \"$2\"; mkfs.ext4 -q \"$2\"; mount -o loop \"$2\" \"$1\"; mkdir \"$1/sub\"", Mount, image);
        using var fanotify = Fanotify.Create(out _)!;
        Span<byte> buffer = new byte[65536];
        for (var round = 0; round < 5; round++)
        {
            using (var sub = new Descriptor(Files.OpenDirectory(BytePath.FromString(Mount + "/sub"), false, out _)))
                Assert.True(fanotify.AddWatch(sub.Number, InotifyMask.IN_CREATE, out _) >= 0);
            File.WriteAllText($"{Mount}/sub/{round}", "");
            Assert.Equal([InotifyMask.IN_CREATE], ReadAll(fanotify, buffer));

            Shell("umount \"$1\"; mount -o loop \"$2\" \"$1\"", Mount, image);

            Assert.Equal(Errno.None, fanotify.Wait(60_000));
            Assert.Equal([InotifyMask.IN_UNMOUNT, InotifyMask.IN_IGNORED], ReadAll(fanotify, buffer));
        }
    }

    [Fact]
    public void Watch_OverlayFs_IsWatchedByInotifyAndTheOthersByFanotify()
    {
        var (lower, upper) = (Path.Combine(Mount, "lower"), Path.Combine(Mount, "merged"));
        Shell("mount -t tmpfs none \"$1\"; cd \"$1\"; mkdir lower upper work merged; "
            + "mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged", Mount);
        var mailbox = Path.Combine(upper, "Maildir");
        LiveWatch.MakeMaildir(mailbox);
        try
        {
            using var live = new LiveWatch(Limited, awaitFirst: true, mixed: true, mailbox, Bystander);

            Deliver(mailbox);
            live.WaitUntil(mailbox, new Usage(10, 1));
            CheckBystander(live);

            // Root, new and cur of the mailbox; the bystander and the fence are fanotify's.
            Assert.Equal(3, live.Watch.Watches - live.Watch.FanotifyWatches);
            Assert.Equal(6, live.Watch.FanotifyWatches);
        }
        finally
        {
            Shell("umount -l \"$1\"", upper);
        }

        Assert.True(Directory.Exists(lower));
    }

    [Fact]
    public void Watch_ManyThreadsOnFewNames_EndsRight()
    {
        using var live = new LiveWatch(Limited, Mailbox, Bystander);
        var threads = Enumerable.Range(0, 4).Select(seed => new Thread(() => Churn(seed))).ToArray();
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());

        var left = Directory.GetFiles(Mailbox, "*,S=*", SearchOption.AllDirectories);
        live.Settle();
        live.WaitUntil(Mailbox, new Usage(
            left.Sum(name => long.Parse(name[(name.LastIndexOf('=') + 1)..], null)), left.Length));
        CheckBystander(live);
    }

    private static List<uint> ReadAll(Fanotify fanotify, Span<byte> buffer)
    {
        var masks = new List<uint>();
        int length;
        while ((length = fanotify.Read(buffer, out _)) >= 0)
            foreach (var record in new InotifyRecords(buffer[..length]))
                masks.Add(record.Mask);
        return masks;
    }

    /// <summary>Creates, renames, replaces and removes the same few names as other threads do.</summary>
    private void Churn(int seed)
    {
        var random = new Random(seed);
        using var root = new Descriptor(Files.OpenDirectory(BytePath.FromString(Mailbox), false, out _));
        using var fresh = new Descriptor(Files.OpenDirectory(root.Number, "new"u8, false, out _));
        using var cur = new Descriptor(Files.OpenDirectory(root.Number, "cur"u8, false, out _));
        for (var step = 0; step < 4000; step++)
        {
            var (one, other) = (Pick(), Pick());
            switch (random.Next(4))
            {
                case 0:
                    Files.UnlinkAt(one.Fd, one.Name);
                    break;
                case 1:
                    Files.Close(Files.Open(one.Fd, one.Name, OpenFlags.O_CREAT | OpenFlags.O_WRONLY, 0x180, out _));
                    break;
                default:
                    Files.RenameAt(one.Fd, one.Name, other.Fd, other.Name);
                    break;
            }
        }

        (int Fd, byte[] Name) Pick()
        {
            var number = random.Next(1, 5);
            return (random.Next(2) == 0 ? fresh.Number : cur.Number,
                System.Text.Encoding.ASCII.GetBytes($"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}.{number},S={number}"));
        }
    }
}
