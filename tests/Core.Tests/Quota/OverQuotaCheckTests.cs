using System.Text;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Core.Tests.Quota;

/// <summary>When the programs would recount a ledger that is over quota, beyond the vectors.</summary>
public sealed class OverQuotaCheckTests
{
    [Theory]
    [InlineData("100S\n101 1\n", 900, true)]
    [InlineData("100S\n101 1\n", -5, false)]
    [InlineData("0S\n101 1\n", 5000, false)]
    [InlineData("5C\n101 6\n1 0\n", 0, true)]
    [InlineData("100000\n200000 1\n1 1\n", 5000, false)]
    [InlineData("100S\n101 1\nhello\n", 5000, false)]
    public void IsUnverified_Ledger_FollowsLinesAndAge(string content, int seconds, bool expected)
    {
        var ledger = MaildirSizeFormat.Parse(Encoding.ASCII.GetBytes(content), content.Length);

        Assert.Equal(expected, OverQuotaCheck.IsUnverified(ledger, TimeSpan.FromSeconds(seconds)));
    }

    [Fact]
    public void Unverified_IsFifteenMinutes() => Assert.Equal(TimeSpan.FromMinutes(15), OverQuotaCheck.Unverified);
}
