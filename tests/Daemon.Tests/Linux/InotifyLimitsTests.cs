using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class InotifyLimitsTests
{
    [Fact]
    public void WatchesExhausted_LimitTooLow_NamesSysctlItsValueAndTheValueNeeded() => Assert.Equal(
        "inotify watches are used up: fs.inotify.max_user_watches is 8192, 130000 are needed; " +
        "raise it with: sysctl -w fs.inotify.max_user_watches=130000; " +
        "for good write fs.inotify.max_user_watches=130000 into /etc/sysctl.d/60-maildir-quota-watcher.conf",
        InotifyLimits.WatchesExhausted(130_000, 8192));

    [Fact]
    public void WatchesExhausted_LimitWouldSuffice_MakesRoomForTheOthersToo() => Assert.Equal(
        "inotify watches are used up: fs.inotify.max_user_watches is 8192, 5000 are needed beside those of other " +
        "programs of this user; raise it with: sysctl -w fs.inotify.max_user_watches=13192; " +
        "for good write fs.inotify.max_user_watches=13192 into /etc/sysctl.d/60-maildir-quota-watcher.conf",
        InotifyLimits.WatchesExhausted(5000, 8192));

    [Fact]
    public void Limits_OfThisKernel_EqualSysctlFiles()
    {
        Assert.Equal(FromKernel("max_user_watches"), InotifyLimits.MaxUserWatches);
        Assert.Equal(FromKernel("max_queued_events"), InotifyLimits.MaxQueuedEvents);
        Assert.Equal(FromKernel("max_user_instances"), InotifyLimits.MaxUserInstances);
        Assert.Contains($"max_user_watches is {InotifyLimits.MaxUserWatches},", InotifyLimits.WatchesExhausted(1));
    }

    private static long FromKernel(string name) => long.Parse(Shell.Run("cat", "/proc/sys/fs/inotify/" + name));
}
