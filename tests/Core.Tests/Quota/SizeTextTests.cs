using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Core.Tests.Quota;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("10b", 10)]
    [InlineData("1k", 1024)]
    [InlineData("100M", 104857600)]
    [InlineData("1.5 GiB", 1610612736)]
    [InlineData(" 2TB ", 2199023255552)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void TryParse_Sizes_AreBytes(string text, long expected)
    {
        Assert.True(SizeText.TryParse(text, out var bytes, out var error), error);
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("M")]
    [InlineData("1X")]
    [InlineData("1MM")]
    [InlineData("1.2.3M")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999T")]
    public void TryParse_Bad_IsAnError(string text)
    {
        Assert.False(SizeText.TryParse(text, out _, out var error));
        Assert.Contains($"'{text}'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1 KB")]
    [InlineData(1610612736, "1.5 GB")]
    [InlineData(104857600, "100 MB")]
    [InlineData(1048575, "1 MB")]
    [InlineData(1047552, "1023 KB")]
    [InlineData(5325759447, "5 GB")]
    [InlineData(5207647846, "4.8 GB")]
    [InlineData(1588, "1.6 KB")]
    [InlineData(1587, "1.5 KB")]
    [InlineData(102348, "99.9 KB")]
    [InlineData(102349, "100 KB")]
    [InlineData(-2048, "-2 KB")]
    [InlineData(long.MinValue, "-8388608 TB")]
    public void Format_Bytes_IsShort(long bytes, string expected) => Assert.Equal(expected, SizeText.Format(bytes));
}
