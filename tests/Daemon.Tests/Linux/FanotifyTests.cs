using System.Text;
using MaildirQuotaWatcher.Daemon.Tests.Mailboxes;
using MaildirQuotaWatcher.Linux;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class FanotifyTests : IDisposable
{
    private const uint Changes = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

    private readonly TemporaryDirectory _directory;
    private readonly Fanotify? _fanotify;

    public FanotifyTests()
    {
        _ = WatchedByFanotify.Choice;
        _directory = new TemporaryDirectory();
        _fanotify = Fanotify.Create(out _);
    }

    public void Dispose()
    {
        _fanotify?.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void AddWatch_OpenDirectory_SeesNamesOfAnyBytes()
    {
        byte[] odd = [0xff, 0xe9, (byte)'\n'];
        var wd = Watch(_directory.Fd);

        _directory.Touch(odd);

        Assert.Equal([new Seen(wd, IN_CREATE, Convert.ToHexString(odd))], ReadToFence());
    }

    [Fact]
    public void AddWatch_Again_IsTheSameWatchWithBothMasks()
    {
        var wd = Watch(_directory.Fd, IN_CREATE);
        Assert.Equal(wd, Watch(_directory.Fd, IN_DELETE | IN_MASK_ADD));
        _directory.Touch("one");
        ReadToFence();

        Files.UnlinkAt(_directory.Fd, "one"u8);
        _directory.Touch("two");

        Assert.Equal([new Seen(wd, IN_DELETE, Hex("one")), new Seen(wd, IN_CREATE, Hex("two"))], ReadToFence());
    }

    [Fact]
    public void AddWatch_Failing_IsAnErrorValue()
    {
        Assert.Equal(-1, _fanotify!.AddWatch(999_999, Changes, out var errno));
        Assert.Equal(Errno.EBADF, errno);
        _directory.Touch("file");
        using var file = new Descriptor(Files.Open(_directory.Fd, "file"u8, OpenFlags.O_RDONLY, 0, out _));
        Assert.Equal(-1, _fanotify.AddWatch(file.Number, Changes, out errno));
        Assert.Equal(Errno.ENOTDIR, errno);
    }

    [Fact]
    public void RemoveWatch_Once_EndsItTwiceIsEINVAL()
    {
        var wd = Watch(_directory.Fd);

        Assert.Equal(Errno.None, _fanotify!.RemoveWatch(wd));
        Assert.Equal(Errno.EINVAL, _fanotify.RemoveWatch(wd));
        _directory.Touch("unseen");

        Assert.Empty(ReadToFence());
    }

    [Fact]
    public void Read_DirectoryMovedAndRemoved_ItSaysSoItself()
    {
        Directory.CreateDirectory(_directory.At("sub"));
        using (var sub = new Descriptor(Files.OpenDirectory(_directory.Fd, "sub"u8, false, out _)))
            Watch(sub.Number);
        Directory.Move(_directory.At("sub"), _directory.At("moved"));
        var moved = ReadToFence();
        Directory.Delete(_directory.At("moved"));
        var removed = ReadToFence();

        Assert.Equal([IN_MOVE_SELF], moved.Select(seen => seen.Mask));
        Assert.Equal([IN_DELETE_SELF, IN_IGNORED], removed.Select(seen => seen.Mask));
    }

    [Fact]
    public void Read_EmptyDirectoryReplacedByARename_SaysItIsRemoved()
    {
        Directory.CreateDirectory(_directory.At("one"));
        Directory.CreateDirectory(_directory.At("two"));
        using (var two = new Descriptor(Files.OpenDirectory(_directory.Fd, "two"u8, false, out _)))
            Watch(two.Number);

        Assert.True(Files.RenameAt(_directory.Fd, "one"u8, _directory.Fd, "two"u8).IsOk);

        Assert.Equal([IN_DELETE_SELF, IN_IGNORED], ReadToFence().Select(seen => seen.Mask));
    }

    [Fact]
    public void Read_MergedByTheKernel_IsAmbiguousAndNothingIsMissing()
    {
        var wd = Watch(_directory.Fd);
        for (var round = 0; round < 5; round++)
        {
            _directory.Touch("x");
            Files.RenameAt(_directory.Fd, "x"u8, _directory.Fd, "y"u8);
            Files.RenameAt(_directory.Fd, "y"u8, _directory.Fd, "x"u8);
            Files.UnlinkAt(_directory.Fd, "x"u8);
        }

        var records = ReadToFence();

        Assert.Contains(new Seen(wd, IN_CREATE | IN_AMBIGUOUS, Hex("x")), records);
        Assert.Contains(new Seen(wd, IN_CREATE | IN_AMBIGUOUS, Hex("y")), records);
    }

    [Fact]
    public void Fence_SeveralBetweenEvents_EachStandsInItsPlace() =>
        Fences.CheckSeveralBetweenEvents(_fanotify!, _directory, Watch(_directory.Fd), ReadAll);

    [Fact]
    public Task Fence_FromManyThreads_EachSeesItsOwnEventBeforeIt()
    {
        Watch(_directory.Fd);
        return Fences.CheckFromManyThreadsAsync(_fanotify!, _directory, ReadAll);
    }

    [Fact]
    public void Read_NumberGivenBack_IsNotUsedForAnotherBeforeTheNextReading()
    {
        using var other = new TemporaryDirectory();
        var wd = Watch(_directory.Fd);
        _directory.Touch("late");
        Assert.Equal([new Seen(wd, IN_CREATE, Hex("late"))], ReadToFence());

        _fanotify!.RemoveWatch(wd);

        Assert.NotEqual(wd, Watch(other.Fd));
    }

    [Fact]
    public void Wait_Wake_EndsIt()
    {
        _fanotify!.Wake();

        Assert.Equal(Errno.ECANCELED, _fanotify.Wait(60_000));
        _fanotify.Fence(out _);
        Assert.Equal(Errno.None, _fanotify.Wait(60_000));
    }

    private int Watch(int fd, uint mask = Changes)
    {
        var wd = _fanotify!.AddWatch(fd, mask, out var errno);
        Assert.Equal(Errno.None, errno);
        return wd;
    }

    private List<Seen> ReadToFence()
    {
        var fence = _fanotify!.Fence(out var errno);
        Assert.Equal(Errno.None, errno);
        var all = ReadAll();
        var place = all.IndexOf(new Seen(fence, IN_IGNORED, ""));
        Assert.Equal(all.Count - 1, place);
        return all[..place];
    }

    private List<Seen> ReadAll()
    {
        var buffer = new byte[64 * 1024];
        var seen = new List<Seen>();
        while (true)
        {
            var length = _fanotify!.Read(buffer, out var errno);
            if (length < 0)
            {
                Assert.Equal(Errno.EAGAIN, errno);
                return seen;
            }

            foreach (var record in new InotifyRecords(buffer.AsSpan(0, length)))
                seen.Add(new Seen(record.Wd, record.Mask, Convert.ToHexString(record.Name)));
        }
    }

    private static string Hex(string name) => Convert.ToHexString(Encoding.UTF8.GetBytes(name));
}
