using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Watching;

public sealed class GrowthLinesTests
{
    [Fact]
    public void Allows_EverMore_IsALineForEachPowerOfTen()
    {
        var lines = new GrowthLines();

        Assert.Equal([1, 10, 100, 1000], Enumerable.Range(1, 5000).Where(count => lines.Allows(0, count)).ToArray());
    }

    [Fact]
    public void Allows_WhileItLasts_IsALineEachTenMinutes()
    {
        var lines = new GrowthLines();
        Assert.True(lines.Allows(1000, 50));

        Assert.False(lines.Allows(600_999, 51));
        Assert.True(lines.Allows(601_000, 51));
        Assert.False(lines.Allows(601_001, 99));
        Assert.True(lines.Allows(601_002, 100));
    }

    [Fact]
    public void Allows_FirstAgainAfterAllWereOverIt_IsALine()
    {
        var lines = new GrowthLines();
        Assert.True(lines.Allows(0, 1));
        Assert.False(lines.Allows(0, 2));

        Assert.True(lines.Allows(1, 1));
    }
}
