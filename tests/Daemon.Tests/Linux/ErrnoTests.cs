using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class ErrnoTests
{
    [Theory]
    [InlineData(1, "EPERM", "Operation not permitted")]
    [InlineData(2, "ENOENT", "No such file or directory")]
    [InlineData(11, "EAGAIN", "Resource temporarily unavailable")]
    [InlineData(28, "ENOSPC", "No space left on device")]
    [InlineData(40, "ELOOP", "Too many levels of symbolic links")]
    [InlineData(95, "EOPNOTSUPP", "Operation not supported")]
    [InlineData(122, "EDQUOT", "Disk quota exceeded")]
    [InlineData(133, "EHWPOISON", "Memory page has hardware error")]
    [InlineData(41, "errno 41", "Unknown error 41")]
    [InlineData(4711, "errno 4711", "Unknown error 4711")]
    [InlineData(-3, "errno -3", "Unknown error -3")]
    public void NameAndText_OfANumber_AreTheCLibrarys(int number, string name, string text)
    {
        var errno = new Errno(number);

        Assert.Equal(name, errno.Name);
        Assert.Equal(text, errno.Text);
        Assert.True(errno.IsError);
        Assert.False(errno.IsOk);
    }

    [Fact]
    public void Constants_EachOne_HasTheNumberOfItsName()
    {
        var constants = typeof(Errno).GetFields().Where(field => field.IsStatic && field.Name[0] == 'E').ToList();

        Assert.True(constants.Count > 20);
        Assert.All(constants, field => Assert.Equal(field.Name, ((Errno)field.GetValue(null)!).Name));
    }

    [Fact]
    public void None_IsOk()
    {
        Assert.True(Errno.None.IsOk);
        Assert.False(Errno.None.IsError);
        Assert.Equal("Success", Errno.None.Text);
    }

    [Fact]
    public void SystemCallError_AsText_NamesCallPathTextAndErrno() => Assert.Equal(
        "open(/path) failed: No space left on device (ENOSPC)",
        new SystemCallError("open", "/path", Errno.ENOSPC).ToString());
}
