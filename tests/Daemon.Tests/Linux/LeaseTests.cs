using MaildirQuotaWatcher.Linux;
using static MaildirQuotaWatcher.Linux.OpenFlags;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class LeaseTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public LeaseTests() => Lease.IgnoreBreakSignal();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void TakeWrite_NobodyElseHasItOpen_IsGranted()
    {
        using var file = OpenFile(O_RDWR | O_CREAT);

        Assert.Equal(Errno.None, Lease.TakeWrite(file.Number));
        Assert.Equal(Errno.None, Lease.Release(file.Number));
    }

    [Theory]
    [InlineData(O_RDONLY)]
    [InlineData(O_WRONLY | O_APPEND)]
    public void TakeWrite_AnotherDescriptorIsOpen_IsEAGAINUntilItCloses(int flags)
    {
        using var file = OpenFile(O_RDWR | O_CREAT);
        var other = OpenFile(flags);

        Assert.Equal(Errno.EAGAIN, Lease.TakeWrite(file.Number));
        other.Dispose();
        Assert.Equal(Errno.None, Lease.TakeWrite(file.Number));
    }

    [Fact]
    public void TakeWrite_WhileHeld_OpenersWithNonBlockAreTurnedAwayAndTheSignalDoesNotKill()
    {
        using var file = OpenFile(O_RDWR | O_CREAT);
        Assert.Equal(Errno.None, Lease.TakeWrite(file.Number));

        Assert.Equal(-1, Files.Open(_directory.Fd, "file"u8, O_WRONLY | O_NONBLOCK, 0, out var errno));

        Assert.Equal(Errno.EAGAIN, errno);
        Assert.Equal(Errno.None, Lease.Release(file.Number));
        using var other = OpenFile(O_WRONLY | O_NONBLOCK);
    }

    [Fact]
    public void IgnoreBreakSignal_Called_SigioIsIgnored()
    {
        var ignored = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("SigIgn:"));

        Assert.NotEqual(0UL, Convert.ToUInt64(ignored.Split('\t')[1], 16) & (1UL << 28));
    }

    [Fact]
    public void TakeWrite_NotAnOpenFile_IsAnErrorValue() => Assert.Equal(Errno.EBADF, Lease.TakeWrite(-1));

    private Descriptor OpenFile(int flags)
    {
        var file = new Descriptor(Files.Open(_directory.Fd, "file"u8, flags, 0x180, out var errno));
        Assert.Equal(Errno.None, errno);
        return file;
    }
}
