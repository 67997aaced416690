using MaildirQuotaWatcher.Config;

namespace MaildirQuotaWatcher.Daemon.Tests.Config;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("300ms", 300, "300ms")]
    [InlineData("5s", 5000, "5s")]
    [InlineData(" 2 m ", 120_000, "2m")]
    [InlineData("90s", 90_000, "90s")]
    [InlineData("24h", 86_400_000, "1d")]
    [InlineData("0", 0, "0s")]
    public void TryParse_Good_RoundTrips(string text, long milliseconds, string formatted)
    {
        Assert.True(DurationText.TryParse(text, out var duration, out var error), error);
        Assert.Equal(milliseconds, (long)duration.TotalMilliseconds);
        Assert.Equal(formatted, DurationText.Format(duration));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("-1s")]
    [InlineData("1.5s")]
    [InlineData("s")]
    [InlineData("366d")]
    [InlineData("99999999999999999999s")]
    public void TryParse_Bad_IsAnError(string text) => Assert.False(DurationText.TryParse(text, out _, out _));
}
