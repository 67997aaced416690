using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class FanotifyObstacleTests
{
    [Theory]
    [InlineData("fanotify_init", 1, "CAP_SYS_ADMIN")]
    [InlineData("fanotify_init", 22, "5.17")]
    [InlineData("fanotify_init", 38, "source = inotify")]
    public void OfGroup_Error_NamesTheCure(string call, int errno, string words)
    {
        var sentence = FanotifyObstacle.OfGroup(call, new Errno(errno));

        Assert.Contains(call, sentence);
        Assert.Contains(new Errno(errno).Name, sentence);
        Assert.Contains(words, sentence);
    }

    [Theory]
    [InlineData(18, "btrfs")]
    [InlineData(95, "overlayfs")]
    [InlineData(1, "CAP_SYS_ADMIN")]
    [InlineData(22, "5.17")]
    public void OfFileSystem_Error_NamesTheCure(int errno, string words)
    {
        var sentence = FanotifyObstacle.OfFileSystem("/var/vmail", new Errno(errno));

        Assert.Contains("/var/vmail", sentence);
        Assert.Contains(new Errno(errno).Name, sentence);
        Assert.Contains(words, sentence);
    }
}
