using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;

namespace MaildirQuotaWatcher.Core.Tests.Rules;

public sealed class OverFlagTests
{
    [Theory]
    [InlineData("*TRUE", "TRUE", true)]
    [InlineData("*TRUE", "yes-true", true)]
    [InlineData("*true", "YES-TRUE", true)]
    [InlineData("*TRUE", "FALSE", false)]
    [InlineData("TRUE", "", false)]
    [InlineData("*", "", true)]
    [InlineData("*", null, false)]
    [InlineData("?", "1", true)]
    [InlineData("?", "10", false)]
    public void IsSet_Mask_MatchesInAnyCase(string mask, string? value, bool set) =>
        Assert.Equal(set, new OverFlag(mask).IsSet(value));

    [Theory]
    [InlineData(0, 0, 0, 0, false)]
    [InlineData(99999999, 99, 0, 0, false)] // nothing is limited
    [InlineData(102400, 1, 102400, 0, true)] // at the limit is over
    [InlineData(102399, 1, 102400, 0, true)] // 100 KiB, rounded up
    [InlineData(101377, 1, 102400, 0, true)] // 1023 bytes early
    [InlineData(101376, 1, 102400, 0, false)] // 99 KiB
    [InlineData(1, 1, 1000, 0, true)] // 1 KiB of 1 KiB
    [InlineData(0, 0, 1000, 0, false)]
    [InlineData(5, 10, 102400, 10, true)] // one of two is enough
    [InlineData(5, 9, 102400, 10, false)]
    [InlineData(long.MaxValue, 1, long.MaxValue, 0, true)]
    public void IsOver_Usage_IsComparedInKiB(
        long bytes, long messages, long limitBytes, long limitMessages, bool over) =>
        Assert.Equal(over, OverFlag.IsOver(new Usage(bytes, messages), new QuotaLimit(limitBytes, limitMessages)));
}
