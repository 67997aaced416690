using MaildirQuotaWatcher.Daemon.Tests.Linux;
using MaildirQuotaWatcher.Daemon.Tests.Mailboxes;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Watching;

public sealed class WatchSourcesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly EventQueue _worker = new();
    private readonly List<string> _said = [];
    private WatchSources? _sources;

    public void Dispose()
    {
        _sources?.Dispose();
        _sources?.Close(polled: true);
        _worker.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void For_Auto_IsInotifyUntilItHasDoneItsPart()
    {
        _ = WatchedByFanotify.Choice;
        Open(SourceChoice.Auto, enough: 1);
        var first = For(null);
        Assert.Equal("inotify", first.Source);
        Assert.True(first.Add(_directory.Fd, InotifyMask.IN_CREATE, new WatchOwner(0, 0), out _) > 0);

        Assert.Equal("fanotify", For(null).Source);
        Assert.Equal("fanotify", For(null).Source);

        Assert.Contains("further mailboxes are watched by fanotify", Assert.Single(_said));
    }

    [Theory]
    [InlineData((int)SourceChoice.Auto)]
    [InlineData((int)SourceChoice.Fanotify)]
    public void For_RefusedByOne_IsTheOther(int choice)
    {
        _ = WatchedByFanotify.Choice;
        Open((SourceChoice)choice, enough: 1000);
        var first = For(null);

        var second = For(first);
        var third = For(second);

        Assert.Equal(["fanotify", "inotify"], new[] { first.Source, second.Source }.Order());
        Assert.Same(first, third);
    }

    [Fact]
    public void Fence_OfAnotherSource_HasALaterTicket()
    {
        Open(SourceChoice.Inotify, enough: 0);
        var first = For(null).Fence(new WatchOwner(0, 0), out _);

        var second = _sources!.ForPolled().Fence(new WatchOwner(0, 0), out _);

        Assert.True(second > first, $"{second} after {first}");
    }

    [Fact]
    public void For_Inotify_IsAlwaysThat()
    {
        Open(SourceChoice.Inotify, enough: 0);
        var first = For(null);

        Assert.Equal("inotify", first.Source);
        Assert.Same(first, For(first));
        Assert.Empty(_said);
    }

    [Fact]
    public void For_FileSystemThatCannotBeMarked_IsInotifyAndSaysWhyOnce()
    {
        _ = WatchedByFanotify.Choice;
        Open(SourceChoice.Fanotify, enough: 0);
        using var proc = new Descriptor(Files.OpenDirectory(BytePath.FromString("/proc/self/fd"), true, out _));

        Assert.Equal("inotify", _sources!.For(proc.Number, "/proc/self/fd", null).Source);
        Assert.Equal("inotify", _sources.For(proc.Number, "/proc/self/fd", null).Source);

        Assert.Contains("/proc/self/fd", Assert.Single(_said));
    }

    [Fact]
    public void ForPolled_IsATableOfItsOwn()
    {
        Open(SourceChoice.Inotify, enough: 0);
        Assert.NotSame(For(null), _sources!.ForPolled());
        Assert.Same(_sources.ForPolled(), _sources.ForPolled());
    }

    [Fact]
    public void Count_WhileTheKernelIsAskedForAWatch_DoesNotWait()
    {
        using var source = new HangingSource();
        var table = new WatchTable(source, [_worker]);
        var adding = new Thread(() => table.Add(0, 0, new WatchOwner(0, 0), out _));
        adding.Start();
        source.Asked.Wait();
        Assert.Equal(0, table.Count);
        source.Answer.Set();
        adding.Join();
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void SetWanting_Several_AreCounted_AndTheLastOneIsTold()
    {
        Open(SourceChoice.Inotify, enough: 0);
        var (one, other) = (new MailboxWatches(_sources!), new MailboxWatches(_sources!));
        one.SetWanting(true);
        other.SetWanting(true);
        one.SetWanting(true);
        Assert.Equal((2, 2), (one.Wanting, other.Wanting));

        Assert.False(one.SetWanting(false));
        Assert.False(one.SetWanting(false));
        Assert.Equal((0, 1), (one.Wanting, other.Wanting));
        Assert.True(other.SetWanting(false));
    }

    private WatchTable For(WatchTable? refused) => _sources!.For(_directory.Fd, "here", refused);

    private void Open(SourceChoice choice, long enough) => _sources = new WatchSources(
        choice, Inotify.Create(out _)!, [_worker], _said.Add, _said.Add) { Enough = enough };

    /// <summary>Hangs in the call that adds a watch, as with a file server that does not answer.</summary>
    private sealed class HangingSource : IWatchSource
    {
        public ManualResetEventSlim Asked { get; } = new();

        public ManualResetEventSlim Answer { get; } = new();

        public string Name => "hanging";

        public bool IsEmpty => true;

        public int AddWatch(int directoryFd, uint mask, out Errno errno)
        {
            errno = Errno.None;
            Asked.Set();
            Answer.Wait();
            return 1;
        }

        public Errno RemoveWatch(int wd) => Errno.None;

        public int Fence(out Errno errno) => throw new NotSupportedException();

        public int Read(Span<byte> buffer, out Errno errno) => throw new NotSupportedException();

        public Errno Wait(int timeoutMs) => throw new NotSupportedException();

        public void Wake()
        {
        }

        public void Dispose()
        {
            Asked.Dispose();
            Answer.Dispose();
        }
    }
}
