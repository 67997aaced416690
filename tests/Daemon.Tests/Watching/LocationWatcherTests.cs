using System.Collections.Concurrent;
using MaildirQuotaWatcher.Cli;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Daemon.Tests.Running;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Watching;

public sealed class LocationWatcherTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly ConcurrentQueue<string> _found = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly LocationWatcher _watcher;

    public LocationWatcherTests() => _watcher = new LocationWatcher(
        Inotify.Create(out _)!, mailbox => _found.Enqueue($"{mailbox.User} {mailbox.Path.Display}"), _ => { }, _ => { },
        _problems.Enqueue, poll: null);

    public void Dispose()
    {
        _watcher.Dispose();
        _scratch.Dispose();
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task Explore_SeveralLocationsThroughOneDirectory_FindsTheMailboxesOfEach()
    {
        Directory.CreateDirectory(At("rj"));
        await _watcher.Explore([.. Of("%n/Maildir"), .. Of("%n/mail"), .. Of("later/a/box"), .. Of("later/b/box")]);

        foreach (var mailbox in (string[])["rj/Maildir", "rj/mail", "later/a/box", "later/b/box"])
            Directory.CreateDirectory(At($"{mailbox}/cur"));

        AwaitFound($"rj {At("rj/Maildir")}");
        AwaitFound($"rj {At("rj/mail")}");
        AwaitFound(At("later/a/box"));
        AwaitFound(At("later/b/box"));
    }

    [Fact]
    public async Task Explore_Again_ForgetsTheLocationsOfBefore()
    {
        await _watcher.Explore([.. Of("a/%n"), .. Of("b/%n")]);
        Directory.CreateDirectory(At("a"));
        Directory.CreateDirectory(At("b"));
        await _watcher.Explore([.. Of("b/%n")]);
        _found.Clear();

        Directory.CreateDirectory(At("a/x/cur"));
        Directory.CreateDirectory(At("b/y/cur"));
        AwaitFound(At("b/y"));
        await _watcher.Explore([.. Of("b/%n")]);

        Assert.DoesNotContain(_found, line => line.Contains(At("a"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Mailbox_Appears_OthersAreNotLookedAt_AndNothingOfItStaysWatched()
    {
        for (var i = 0; i < 10; i++)
            Directory.CreateDirectory(At($"a.org/u{i}/Maildir/cur"));
        await _watcher.Explore([.. Of("%d/%n/Maildir")]);
        using var reading = Inotify.Create(out _)!;
        reading.AddWatch(BytePath.FromString(At("a.org")), 1 /* IN_ACCESS */, out _);

        Directory.CreateDirectory(At("a.org/new/Maildir/cur"));
        AwaitFound(At("a.org/new/Maildir"));
        _watcher.LookAgain(BytePath.FromString(At("a.org/u3/Maildir")));
        await _watcher.RoundTrip();

        Assert.Equal(0, reading.Read(new byte[4096], out var errno) > 0 ? 1 : 0);
        Assert.Equal(Errno.EAGAIN, errno);
        foreach (var name in (string[])["a.org/new", "a.org/new/Maildir", "a.org/u3", "a.org/u3/Maildir"])
            Assert.DoesNotContain(WatchedInodes(), inode => inode == Inode(At(name)));
        Assert.Contains(WatchedInodes(), inode => inode == Inode(At("a.org")));
    }

    [Fact]
    public async Task Notice_FileReplacedOrWritten_IsTold_OthersAreNot()
    {
        var (told, orGone) = (0, 0);
        var (directory, name) = (BytePath.FromString(_scratch.FullName), "passwd"u8.ToArray());
        _watcher.Notice(directory, name, orGone: false, () => Interlocked.Increment(ref told));
        _watcher.Notice(directory, name, orGone: true, () => Interlocked.Increment(ref orGone));
        await _watcher.Explore([.. Of("passwd.d/%n")]);

        await File.WriteAllTextAsync(At("passwd+"), "new");
        File.Move(At("passwd+"), At("passwd"));
        Poll.Until(() => Volatile.Read(ref told) == 1, () => "not told of the rename");
        await File.AppendAllTextAsync(At("passwd"), "more");
        Poll.Until(() => Volatile.Read(ref told) == 2, () => "not told of the write");
        File.Delete(At("passwd"));
        Poll.Until(() => Volatile.Read(ref orGone) == 3, () => "not told of the removal");
        Assert.Equal(2, Volatile.Read(ref told));
    }

    [Fact]
    public async Task HasMailbox_IsOfEachLocation_AndComesWithTheFirst()
    {
        Directory.CreateDirectory(At("a/rj/cur"));
        Directory.CreateDirectory(At("b/rj"));
        Location[] locations = [.. Of("a/%n"), .. Of("b/%n"), .. Of("c/%n")];
        await _watcher.Explore(locations);
        Assert.Equal([true, false, false], locations.Select(location => location.HasMailbox));
        Directory.CreateDirectory(At("b/rj/cur"));
        AwaitFound(At("b/rj"));
        Assert.Equal([true, true, false], locations.Select(location => location.HasMailbox));
    }

    [Fact]
    public void OfPattern_Home_IsOnePlaceForEachSystemUser()
    {
        Assert.True(LocationPattern.TryParse("~/Maildir", out var pattern, out _));
        var root = Assert.Single(
            Locations.OfPattern(pattern), location => location.Base.Display == Accounts.Find("root")!.Home);
        Assert.Equal("root", root.UserOf(["Maildir"], 0));
    }

    /// <summary>What any inotify instance of this process watches, in the words of proc_pid_fdinfo(5).</summary>
    private static List<string> WatchedInodes()
    {
        var inodes = new List<string>();
        foreach (var file in Directory.GetFiles("/proc/self/fdinfo"))
        {
            string[] lines;
            try
            {
                lines = File.ReadAllLines(file);
            }
            catch (IOException)
            {
                // Closed meanwhile.
                continue;
            }

            inodes.AddRange(lines.Where(line => line.StartsWith("inotify wd:", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[2]));
        }

        return inodes;
    }

    private static string Inode(string path)
    {
        Assert.True(Files.Stat(BytePath.FromString(path), false, out var status, out _));
        return $"ino:{status.Inode:x}";
    }

    private string At(string name) => Path.Combine(_scratch.FullName, name);

    private IEnumerable<Location> Of(string below)
    {
        Assert.True(LocationPattern.TryParse(At(below), out var pattern, out var error), error);
        return Locations.OfPattern(pattern);
    }

    private void AwaitFound(string part) => Poll.Until(
        () => _found.Any(line => line.EndsWith(part, StringComparison.Ordinal)),
        () => $"'{part}' was not found, but: {string.Join(", ", _found)}");
}
