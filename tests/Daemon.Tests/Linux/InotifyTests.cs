using System.Text;
using MaildirQuotaWatcher.Linux;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class InotifyTests : IDisposable
{
    private const uint Changes = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;

    private readonly TemporaryDirectory _directory = new();
    private readonly Inotify _inotify = Inotify.Create(out _)!;

    public void Dispose()
    {
        _inotify.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Wake_Disposed_WritesIntoNobodysFile()
    {
        var inotify = Inotify.Create(out _)!;
        inotify.Dispose();
        // They get the numbers that were given back.
        var files = Enumerable.Range(0, 16).Select(number => File.Create(_directory.At($"{number}"))).ToArray();

        inotify.Wake();

        Assert.All(files, static file => Assert.Equal(0, file.Length));
        Array.ForEach(files, static file => file.Dispose());
    }

    [Fact]
    public void AddWatch_OpenDirectory_SeesNamesOfAnyBytes()
    {
        byte[] odd = [0xff, 0xe9, (byte)'\n'];
        var wd = Watch(_directory.Fd);

        _directory.Touch(odd);

        var records = ReadToFence(out _);
        Assert.Equal([new Seen(wd, IN_CREATE, Convert.ToHexString(odd))], records);
    }

    [Fact]
    public void AddWatch_DirectoryRenamedAndReplacedByALink_StaysWithTheOpenOne()
    {
        Directory.CreateDirectory(_directory.At("sub"));
        using var sub = new Descriptor(Files.OpenDirectory(_directory.Fd, "sub"u8, false, out _));
        Directory.Move(_directory.At("sub"), _directory.At("moved"));
        File.CreateSymbolicLink(_directory.At("sub"), "/");

        var wd = Watch(sub.Number);
        File.WriteAllText(_directory.At("moved/file"), "");

        Assert.Equal([new Seen(wd, IN_CREATE, Hex("file"))], ReadToFence(out _));
    }

    [Fact]
    public void AddWatch_ThreadWithItsOwnDirectory_IsTheSameWatchAndTheProcessStaysWhereItIs()
    {
        Directory.CreateDirectory(_directory.At("sub"));
        using var sub = new Descriptor(Files.OpenDirectory(_directory.Fd, "sub"u8, false, out _));
        Directory.Move(_directory.At("sub"), _directory.At("moved"));
        File.CreateSymbolicLink(_directory.At("sub"), "/");
        var (wd, missing, errno, here, there) = (0, 0, Errno.None, Environment.CurrentDirectory, "");

        var thread = new Thread(() =>
        {
            OwnDirectory.Separate();
            wd = Watch(sub.Number);
            there = Environment.CurrentDirectory;
            missing = _inotify.AddWatch(999_999, Changes, out errno);
        });
        thread.Start();
        thread.Join();
        File.WriteAllText(_directory.At("moved/file"), "");

        Assert.Equal([new Seen(wd, IN_CREATE, Hex("file"))], ReadToFence(out _));
        Assert.Equal(wd, Watch(sub.Number));
        Assert.Equal((-1, Errno.ENOENT), (missing, errno));
        Assert.Equal("/", there);
        Assert.Equal(here, Environment.CurrentDirectory);
    }

    [Fact]
    public void AddWatch_ByPathAndByDescriptor_IsTheSameWatch()
    {
        var wd = Watch(_directory.Fd);

        Assert.Equal(wd, _inotify.AddWatch(_directory.Path, Changes, out var errno));
        Assert.Equal(Errno.None, errno);
    }

    [Fact]
    public void AddWatch_Failing_IsAnErrorValue()
    {
        Assert.Equal(-1, _inotify.AddWatch(_directory.Path.Combine("missing"u8), Changes, out var errno));
        Assert.Equal(Errno.ENOENT, errno);
        Assert.Equal(-1, _inotify.AddWatch(999_999, Changes, out errno));
        Assert.Equal(Errno.ENOENT, errno);
        _directory.Touch("file");
        Assert.Equal(-1, _inotify.AddWatch(_directory.Path.Combine("file"u8), Changes, out errno));
        Assert.Equal(Errno.ENOTDIR, errno);
    }

    [Fact]
    public void RemoveWatch_Once_EndsItTwiceIsEINVAL()
    {
        var wd = Watch(_directory.Fd);

        Assert.Equal(Errno.None, _inotify.RemoveWatch(wd));
        Assert.Equal(Errno.EINVAL, _inotify.RemoveWatch(wd));
        _directory.Touch("unseen");

        Assert.Equal([new Seen(wd, IN_IGNORED, "")], ReadToFence(out _));
    }

    [Fact]
    public void Read_Rename_HalvesShareACookie()
    {
        Watch(_directory.Fd);
        _directory.Touch("one");
        ReadToFence(out _);

        Files.RenameAt(_directory.Fd, "one"u8, _directory.Fd, "two"u8);

        var buffer = new byte[4096];
        var records = new InotifyRecords(buffer.AsSpan(0, _inotify.Read(buffer, out _)));
        Assert.True(records.MoveNext());
        Assert.Equal(IN_MOVED_FROM, records.Mask);
        var cookie = records.Cookie;
        Assert.True(records.MoveNext());
        Assert.Equal(IN_MOVED_TO, records.Mask);
        Assert.Equal("two"u8, records.Name);
        Assert.NotEqual(0u, cookie);
        Assert.Equal(cookie, records.Cookie);
        Assert.False(records.MoveNext());
    }

    [Fact]
    public void Read_NothingThere_IsEAGAIN()
    {
        Assert.Equal(-1, _inotify.Read(new byte[4096], out var errno));
        Assert.Equal(Errno.EAGAIN, errno);
    }

    [Fact]
    public void Fence_AfterEvents_StandsBehindAllOfThem()
    {
        using var second = new TemporaryDirectory();
        Watch(_directory.Fd);
        Watch(second.Fd);
        for (var i = 0; i < 1000; i++)
            (i % 2 == 0 ? _directory : second).Touch($"{i}");

        var records = ReadToFence(out var rest);

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => Hex($"{i}")), records.Select(record => record.Name));
        Assert.Empty(rest);
    }

    [Fact]
    public void Fence_SeveralBetweenEvents_EachStandsInItsPlace() =>
        Fences.CheckSeveralBetweenEvents(_inotify, _directory, Watch(_directory.Fd), ReadAll);

    [Fact]
    public Task Fence_FromManyThreads_EachSeesItsOwnEventBeforeIt()
    {
        Watch(_directory.Fd);
        return Fences.CheckFromManyThreadsAsync(_inotify, _directory, ReadAll);
    }

    [Fact]
    public void Read_QueueFull_SaysOverflowAndDropsTheFenceToo()
    {
        var limit = InotifyLimits.MaxQueuedEvents;
        if (limit is 0 or > 20_000)
            Assert.Skip($"max_queued_events is {limit}");
        Watch(_directory.Fd);
        for (var i = 0; i <= limit; i++)
            _directory.Touch($"{i}");

        var fence = _inotify.Fence(out var errno);
        var records = ReadAll();

        Assert.Equal(Errno.None, errno);
        Assert.Equal(new Seen(-1, IN_Q_OVERFLOW, ""), records[^1]);
        Assert.Equal(limit, records.Count - 1);
        Assert.DoesNotContain(records, record => record.Wd == fence);
        Assert.Empty(ReadToFence(out _));
    }

    [Fact]
    public void Wait_NothingHappens_IsETIMEDOUT() => Assert.Equal(Errno.ETIMEDOUT, _inotify.Wait(0));

    [Fact]
    public void Wait_Records_IsOk()
    {
        _inotify.Fence(out _);

        Assert.Equal(Errno.None, _inotify.Wait(60_000));
    }

    [Fact]
    public void Wake_BeforeWait_EndsExactlyTheNextOne()
    {
        _inotify.Wake();
        _inotify.Wake();

        Assert.Equal(Errno.ECANCELED, _inotify.Wait(60_000));
        Assert.Equal(Errno.ETIMEDOUT, _inotify.Wait(0));
    }

    [Fact]
    public async Task Wake_WhileAnotherThreadWaits_EndsItsWait()
    {
        var reader = Task.Factory.StartNew(() => _inotify.Wait(-1), TaskCreationOptions.LongRunning);

        _inotify.Wake();

        Assert.Equal(Errno.ECANCELED, await reader.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    private int Watch(int fd)
    {
        var wd = _inotify.AddWatch(fd, Changes, out var errno);
        Assert.Equal(Errno.None, errno);
        return wd;
    }

    private List<Seen> ReadToFence(out List<Seen> rest)
    {
        var fence = _inotify.Fence(out var errno);
        Assert.Equal(Errno.None, errno);
        var all = ReadAll();
        var place = all.IndexOf(new Seen(fence, IN_IGNORED, ""));
        Assert.True(place >= 0, "the fence did not come");
        rest = all[(place + 1)..];
        return all[..place];
    }

    private List<Seen> ReadAll()
    {
        var buffer = new byte[64 * 1024];
        var seen = new List<Seen>();
        while (true)
        {
            var length = _inotify.Read(buffer, out var errno);
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
