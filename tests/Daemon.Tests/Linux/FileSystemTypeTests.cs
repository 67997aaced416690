using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class FileSystemTypeTests
{
    private const string MountInfo = """
        22 27 0:21 / /proc rw,relatime - proc proc rw
        27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
        not a line
        50 27 0:50 / /mnt/a\040-\040b rw,nosuid shared:7 - fuse.sshfs u@h:/ rw,user_id=0
        51 27 0:510 / /mnt/c rw - fuse.glusterfs h:/v rw
        52 27 259:1048575 / /mnt/d rw -
        53 27 4095:4096 / /mnt/e rw - fuseblk /dev/sdb1 rw
        """;

    [Theory]
    [InlineData("/proc", true, "proc")]
    [InlineData("/dev/shm", true, "tmpfs")]
    [InlineData("/sys", true, "sysfs")]
    public void Of_Directory_IsTheTypeOfItsMount(string path, bool local, string name)
    {
        Assert.SkipUnless(Shell.Run("stat", "-f", "-c", "%T", path) == name, $"{path} is another file system here");
        using var directory = Open(path);
        Assert.Equal(Type(local, name), FileSystemType.Of(directory.Number, out var errno));
        Assert.Equal(Errno.None, errno);
    }

    /// <summary>stat(1) has the names by the same numbers; this is the disk that all other tests run on.</summary>
    [Fact]
    public void Of_OwnDirectory_IsWhatStatSays()
    {
        using var directory = new TemporaryDirectory();
        var type = FileSystemType.Of(directory.Fd, out var errno);
        Assert.Equal(Errno.None, errno);
        Assert.StartsWith(Shell.Run("stat", "-f", "-c", "%T", directory.Text).Replace("ext2/ext3", "ext4")
            .Replace("overlayfs", "overlay"), type.Name);
        Assert.Equal(FileSystemKind.Local, type.Kind);
        Assert.False(type.MustBePolled);
    }

    [Fact]
    public void Of_NoDescriptor_IsUnknownAndPolled()
    {
        var type = FileSystemType.Of(-1, out var errno);
        Assert.Equal(Errno.EBADF, errno);
        Assert.Equal(FileSystemKind.Unknown, type.Kind);
        Assert.True(type.MustBePolled);
    }

    [Theory]
    [InlineData(0xef53, true, "ext4")]
    [InlineData(0x6969, false, "nfs")]
    [InlineData(0xff534d42, false, "cifs")]
    // f_type is a signed long: a 32-bit number may come with its sign
    [InlineData(unchecked((int)0xff534d42), false, "cifs")]
    [InlineData(0x65735546, false, "fuse")]
    [InlineData(0x794c7630, true, "overlay")]
    public void OfMagic_Number_HasItsName(long magic, bool local, string name) =>
        Assert.Equal(Type(local, name), FileSystemType.OfMagic(magic));

    [Theory]
    [InlineData("fuseblk", true)]
    [InlineData("fuse.sshfs", false)]
    [InlineData("virtiofs", false)]
    public void OfFuse_Name_IsLocalOnlyOnADisk(string name, bool local) =>
        Assert.Equal(Type(local, name), FileSystemType.OfFuse(name));

    [Theory]
    [InlineData(21, "proc")]
    [InlineData(0xfe00, "ext4")]
    [InlineData(50, "fuse.sshfs")]
    [InlineData(0x1000fe, "fuse.glusterfs")]
    [InlineData(0xfff103ff, null)]
    [InlineData(1, null)]
    public void TypeOfDevice_MountInfo_IsTheTypeAfterTheDash(ulong device, string? type) =>
        Assert.Equal(type, FileSystemType.TypeOfDevice(MountInfo.Split('\n'), device));

    [Fact]
    public void TypeOfDevice_LargeNumbers_AreTakenApartLikeMakedev() => Assert.Equal(
        "fuseblk", FileSystemType.TypeOfDevice(MountInfo.Split('\n'), (0xfffUL << 8) | (0x1000UL << 12)));

    /// <summary>Every device that this machine has mounted, so that no form of a line is missed.</summary>
    [Fact]
    public void TypeOfDevice_OwnMounts_AreAllFound()
    {
        var lines = File.ReadAllLines("/proc/self/mountinfo");
        Assert.NotEmpty(lines);
        Assert.All(lines, line =>
        {
            var numbers = line.Split(' ')[2].Split(':').Select(ulong.Parse).ToArray();
            var device = ((numbers[0] & 0xfff) << 8) | ((numbers[1] & 0xffffff00) << 12) | (numbers[1] & 0xff);
            Assert.Equal(line.Split(" - ")[1].Split(' ')[0], FileSystemType.TypeOfDevice(lines, device));
        });
    }

    [Fact]
    public void OfMagic_NumberNobodyKnows_IsUnknownAndPolled()
    {
        var type = FileSystemType.OfMagic(0x12345);
        Assert.Equal(new FileSystemType(FileSystemKind.Unknown, "0x12345"), type);
        Assert.True(type.MustBePolled);
    }

    private static FileSystemType Type(bool local, string name) =>
        new(local ? FileSystemKind.Local : FileSystemKind.Network, name);

    private static Descriptor Open(string path)
    {
        var directory = new Descriptor(Files.OpenDirectory(BytePath.FromString(path), followLinks: true, out var errno));
        Assert.Equal(Errno.None, errno);
        return directory;
    }
}
