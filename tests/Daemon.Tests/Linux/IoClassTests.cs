using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class IoClassTests
{
    [Fact]
    public void Enter_Idle_AndBack_IsThisThreadsAlone()
    {
        var usual = IoClass.OfThisThread;
        Assert.SkipWhen(usual == IoClass.Idle, "the tests themselves run in the idle class");
        try
        {
            Assert.Equal(Errno.None, IoClass.Idle.Enter());
            Assert.Equal(IoClass.Idle, IoClass.OfThisThread);
        }
        finally
        {
            Assert.Equal(Errno.None, usual.Enter());
        }

        Assert.Equal(usual, IoClass.OfThisThread);
    }

    [Fact]
    public void Enter_NoClass_IsAnErrorValue() => Assert.Equal(Errno.EINVAL, new IoClass(7 << 13).Enter());
}
