using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Core.Tests.Warnings;

public sealed class ThresholdTests
{
    [Theory]
    [InlineData("storage=80% /bin/w", QuotaResource.Storage, 80, false, "storage=80%")]
    [InlineData("+storage=80%% /bin/w", QuotaResource.Storage, 80, false, "storage=80%")]
    [InlineData("-storage=100%% /bin/w", QuotaResource.Storage, 100, true, "-storage=100%")]
    [InlineData("  messages=1000%", QuotaResource.Messages, 1000, false, "messages=1000%")]
    [InlineData("bytes=1%\t/bin/w", QuotaResource.Storage, 1, false, "storage=1%")]
    public void TryParse_DovecotForms_AreRead(string text, QuotaResource resource, int percent, bool below, string key)
    {
        Assert.True(Threshold.TryParse(text, out var threshold, out var error), error);
        Assert.Equal((resource, percent, below), (threshold.Resource, threshold.Percent, threshold.Below));
        Assert.Equal(key, threshold.Key);
    }

    [Fact]
    public void TryParse_Command_IsSplitAtBlanksAndQuotesKeepThem()
    {
        Assert.True(Threshold.TryParse("storage=80% /bin/w  a \"two words\" x\"y z\" \"\"", out var threshold, out _));
        Assert.Equal(["/bin/w", "a", "two words", "xy z", ""], threshold.Command);
    }

    [Theory]
    [InlineData("", "column 1: the warning is empty")]
    [InlineData("storage", "column 1: '=' is missing")]
    [InlineData("-", "column 2: '=' is missing")]
    [InlineData("disk=80% /bin/w", "column 1: unknown resource 'disk'")]
    [InlineData("storage =80% /bin/w", "column 1: unknown resource 'storage '")]
    [InlineData("storage=% /bin/w", "column 9: a number is missing")]
    [InlineData("storage=80 /bin/w", "column 11: '%' is missing")]
    [InlineData("storage=80", "write 80%")]
    [InlineData("storage=0% /bin/w", "column 9: 0 % is out of range")]
    [InlineData("storage=1001% /bin/w", "use 1 to 1000")]
    [InlineData("storage=99999999999999999999% x", "out of range")]
    [InlineData("storage=80%%% /bin/w", "column 13: a blank is missing")]
    [InlineData("storage=80%:messages=80% /bin/w", "column 12: several limits")]
    [InlineData("storage=80% /bin/w \"a b", "column 20: a double quote is not closed")]
    public void TryParse_Bad_SaysWhereAndHow(string text, string expected)
    {
        Assert.False(Threshold.TryParse(text, out _, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Contains(';', error);
    }
}
