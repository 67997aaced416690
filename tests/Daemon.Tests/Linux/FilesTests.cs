using System.Text;
using MaildirQuotaWatcher.Linux;
using static MaildirQuotaWatcher.Linux.OpenFlags;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class FilesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void WriteReadPRead_OneFile_AgreeAndSeeItsEnd()
    {
        using var file = new Descriptor(
            Files.Open(_directory.Fd, "file"u8, O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0x180, out var errno));
        Assert.Equal(Errno.None, errno);

        Assert.Equal(6, Files.Write(file.Number, "hello\n"u8, out errno));
        var buffer = new byte[100];
        Assert.Equal(3, Files.PRead(file.Number, buffer, 3, out errno));
        Assert.Equal("lo\n"u8, buffer.AsSpan(0, 3));
        Assert.Equal(0, Files.Read(file.Number, buffer, out errno));
        Assert.Equal(Errno.None, errno);
        Assert.Equal("hello\n", File.ReadAllText(_directory.At("file")));
    }

    [Fact]
    public void Read_ClosedDescriptor_IsEBADF()
    {
        Assert.Equal(-1, Files.Read(-1, new byte[1], out var errno));
        Assert.Equal(Errno.EBADF, errno);
        Assert.Equal(Errno.EBADF, Files.Close(-1));
    }

    [Fact]
    public void Open_EveryDescriptor_IsClosedOnExec()
    {
        using var file = new Descriptor(Files.Open(_directory.Fd, "file"u8, O_WRONLY | O_CREAT, 0x180, out _));

        var flags = File.ReadLines($"/proc/self/fdinfo/{file.Number}").Single(line => line.StartsWith("flags:"));

        Assert.NotEqual(0, Convert.ToInt32(flags.Split('\t')[1], 8) & O_CLOEXEC);
    }

    [Fact]
    public void Open_LastComponentIsALink_IsRefusedWithNoFollow()
    {
        _directory.Touch("file");
        File.CreateSymbolicLink(_directory.At("link"), "file");

        Assert.Equal(-1, Files.Open(_directory.Fd, "link"u8, O_RDONLY | O_NOFOLLOW, 0, out var errno));
        Assert.Equal(Errno.ELOOP, errno);
        using var followed = new Descriptor(Files.Open(_directory.Fd, "link"u8, O_RDONLY, 0, out errno));
        Assert.Equal(Errno.None, errno);
    }

    [Fact]
    public void OpenDirectory_ALink_IsRefusedUnlessFollowed()
    {
        Directory.CreateDirectory(_directory.At("real"));
        File.CreateSymbolicLink(_directory.At("link"), "real");

        Assert.Equal(-1, Files.OpenDirectory(_directory.Fd, "link"u8, followLinks: false, out var errno));
        Assert.Equal(Errno.ENOTDIR, errno);
        using var followed = new Descriptor(
            Files.OpenDirectory(_directory.Fd, "link"u8, followLinks: true, out errno));
        Assert.Equal(Errno.None, errno);
    }

    [Theory]
    [InlineData(255, "ENOENT")]
    [InlineData(256, "ENAMETOOLONG")]
    [InlineData(70000, "ENAMETOOLONG")]
    public void StatAt_LongNames_AreBoundedAt255(int length, string expected)
    {
        var name = Encoding.ASCII.GetBytes(new string('n', length));

        Assert.False(Files.StatAt(_directory.Fd, name, false, out _, out var errno));

        Assert.Equal(expected, errno.Name);
    }

    [Fact]
    public void StatAt_PathBelowTheLongestName_IsFound()
    {
        var name = new string('n', 255);
        Directory.CreateDirectory(_directory.At($"{name}/cur"));

        Assert.True(Files.StatAt(_directory.Fd, Encoding.ASCII.GetBytes($"{name}/cur"), false, out var status, out _));

        Assert.Equal(FileKind.Directory, status.Kind);
    }

    [Fact]
    public void StatAt_NulInAName_IsNotCutOff()
    {
        _directory.Touch("a");

        Assert.False(Files.StatAt(_directory.Fd, "a\0b"u8, false, out _, out var errno));
        Assert.Equal(Errno.EINVAL, errno);
        Assert.True(Files.StatAt(_directory.Fd, "a\0"u8, false, out _, out errno));
    }

    [Fact]
    public void Stat_EveryKind_EqualsTheStatProgram()
    {
        File.WriteAllText(_directory.At("regular"), "12345");
        Directory.CreateDirectory(_directory.At("directory"));
        File.CreateSymbolicLink(_directory.At("link"), "regular");
        Shell.Run("ln", _directory.At("regular"), _directory.At("second"));
        Shell.Run("mkfifo", _directory.At("fifo"));
        Shell.Run("chmod", "6751", _directory.At("regular"));
        Shell.Run("touch", "-d", "1969-12-31 23:00:00.123456789 UTC", _directory.At("fifo"));

        AssertSameAsStat("regular", FileKind.Regular);
        AssertSameAsStat("directory", FileKind.Directory);
        AssertSameAsStat("link", FileKind.SymbolicLink);
        AssertSameAsStat("fifo", FileKind.Fifo);
        Assert.True(Files.Stat(BytePath.FromString("/dev/null"), false, out var device, out _));
        Assert.Equal(FileKind.Other, device.Kind);
        Assert.True(Files.StatAt(_directory.Fd, "link"u8, followLinks: true, out var followed, out _));
        Assert.Equal(FileKind.Regular, followed.Kind);
        Assert.Equal(2, followed.Links);
    }

    [Fact]
    public void FStat_OpenFile_EqualsStatAt()
    {
        File.WriteAllText(_directory.At("file"), "12345");
        using var file = new Descriptor(Files.Open(_directory.Fd, "file"u8, O_RDONLY, 0, out _));

        Assert.Equal(Errno.None, Files.FStat(file.Number, out var open));

        Assert.True(Files.StatAt(_directory.Fd, "file"u8, false, out var named, out _));
        Assert.Equal(named, open);
        Assert.Equal(5, open.Length);
        Assert.Equal(Errno.EBADF, Files.FStat(-1, out _));
    }

    [Fact]
    public void RenameUnlink_NamesNotUtf8_DoWhatTheySay()
    {
        byte[] odd = [0xff, 0xfe, (byte)'\n'];
        Directory.CreateDirectory(_directory.At("sub"));
        using var sub = new Descriptor(Files.OpenDirectory(_directory.Fd, "sub"u8, false, out _));
        _directory.Touch("file");

        Assert.Equal(Errno.None, Files.RenameAt(_directory.Fd, "file"u8, sub.Number, odd));

        Assert.True(Files.StatAt(sub.Number, odd, false, out _, out _));
        Assert.False(Files.StatAt(_directory.Fd, "file"u8, false, out _, out var errno));
        Assert.Equal(Errno.ENOENT, errno);
        Assert.Equal(Errno.ENOTEMPTY, Files.UnlinkAt(_directory.Fd, "sub"u8, directory: true));
        Assert.Equal(Errno.EISDIR, Files.UnlinkAt(_directory.Fd, "sub"u8));
        Assert.Equal(Errno.None, Files.UnlinkAt(sub.Number, odd));
        Assert.Equal(Errno.None, Files.UnlinkAt(_directory.Fd, "sub"u8, directory: true));
    }

    [Fact]
    public void FChmodFChown_OpenFile_SetExactlyThat()
    {
        using var file = new Descriptor(Files.Open(_directory.Fd, "file"u8, O_WRONLY | O_CREAT, 0, out _));

        Files.FStat(file.Number, out var made);
        Assert.Equal(Errno.None, Files.FChown(file.Number, made.Uid, made.Gid));
        Assert.Equal(Errno.None, Files.FChmod(file.Number, 0x9ff));

        Files.FStat(file.Number, out var status);
        Assert.Equal(0x9ffu, status.Mode);
        Assert.Equal(ProcessIdentity.EffectiveUid, status.Uid);
        Assert.Equal(made.Gid, status.Gid);
        Assert.Equal(Errno.EBADF, Files.FChmod(-1, 0));
        Assert.Equal(Errno.EBADF, Files.FChown(-1, 0, 0));
    }

    [Fact]
    public void RealPath_ThroughALink_IsWithoutIt()
    {
        File.CreateSymbolicLink(_directory.At("link"), ".");

        var real = Files.RealPath(_directory.Path.Combine("link/./link"u8), out var errno);

        Assert.Equal(Errno.None, errno);
        Assert.Equal(Shell.Run("realpath", _directory.Text), real!.Display);
        Assert.Null(Files.RealPath(_directory.Path.Combine("missing"u8), out errno));
        Assert.Equal(Errno.ENOENT, errno);
    }

    private void AssertSameAsStat(string name, FileKind kind)
    {
        Assert.True(Files.StatAt(_directory.Fd, Encoding.UTF8.GetBytes(name), false, out var status, out var errno));
        Assert.Equal(Errno.None, errno);
        Assert.Equal(kind, status.Kind);
        var seen = string.Join(' ', Convert.ToString(status.Mode, 8), status.Uid, status.Gid, status.Length,
            status.Links, status.Inode, status.Device, status.ModifiedSeconds, status.ChangedSeconds);
        Assert.Equal(Shell.Run("stat", "-c", "%a %u %g %s %h %i %d %Y %Z", _directory.At(name)), seen);
        Assert.EndsWith($".{status.ModifiedNanoseconds:D9}", Shell.Run("stat", "-c", "%y", _directory.At(name))[..29]);
        Assert.EndsWith($".{status.ChangedNanoseconds:D9}", Shell.Run("stat", "-c", "%z", _directory.At(name))[..29]);
    }
}
