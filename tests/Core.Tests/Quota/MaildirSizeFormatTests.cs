using System.Text;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Core.Tests.Quota;

/// <summary>The rules of the format beyond the vectors.</summary>
public sealed class MaildirSizeFormatTests
{
    [Theory]
    [InlineData("0100S", 100, 0)]
    [InlineData("9223372036854775807S,2147483647C", long.MaxValue, int.MaxValue)]
    [InlineData("5X,7S,9223372036854775807z", 7, 0)]
    public void Parse_SoundHeader_GivesTheLimit(string header, long bytes, long messages)
    {
        var ledger = Parse(header + "\n1 1\n");

        Assert.Equal(new QuotaLimit(bytes, messages), ledger.Limit);
        Assert.Null(ledger.Recalculate);
        Assert.Equal(header, Encoding.Latin1.GetString(ledger.Header));
    }

    [Theory]
    [InlineData("100S,200S")]
    [InlineData("100S,5B,6B")]
    [InlineData("100S,")]
    [InlineData(",100S")]
    [InlineData("100S,,5C")]
    [InlineData(" 100S")]
    [InlineData("100S ")]
    [InlineData("100 S")]
    [InlineData("100S, 5C")]
    [InlineData("-100S")]
    [InlineData("+100S")]
    [InlineData("1e5S")]
    [InlineData("0x10S")]
    [InlineData("5B")]
    [InlineData("S")]
    [InlineData("100S;5C")]
    [InlineData("9223372036854775808S")]
    [InlineData("100S,2147483648C")]
    [InlineData("100S\0")]
    [InlineData("100S\r\r")]
    [InlineData("noquota")]
    [InlineData("100\u00e9")]
    public void Parse_UnclearHeader_GivesNoLimit(string header)
    {
        var ledger = Parse(header + "\n1 1\n");

        Assert.Null(ledger.Limit);
        Assert.Equal(RecalcReason.Malformed, ledger.Recalculate);
        Assert.StartsWith("line 1: ", ledger.Problem, StringComparison.Ordinal);
        Assert.Equal(new Usage(1, 1), ledger.Usage);
    }

    [Theory]
    [InlineData("+1 1", "line 3: does not begin")]
    [InlineData("1 +1", "line 3: message count is not")]
    [InlineData("1 -", "line 3: message count is not")]
    [InlineData("- 1", "line 3: does not begin")]
    [InlineData("--1 1", "line 3: does not begin")]
    [InlineData("1,1", "line 3: no blank")]
    [InlineData("1 1 1", "line 3: something after")]
    [InlineData("1 1 ", "line 3: blank at the end")]
    [InlineData("1 ", "line 3: no message count")]
    [InlineData("   ", "line 3: is blank")]
    [InlineData("1 1\r", "line 3: contains a CR")]
    [InlineData("1.5 1", "line 3: no blank")]
    [InlineData("9223372036854775808 1", "line 3: number of bytes is beyond")]
    [InlineData("-9223372036854775809 1", "line 3: number of bytes is beyond")]
    [InlineData("0 2147483648", "line 3: message count is beyond")]
    [InlineData("9223372036854775807 0", "line 3: sum of bytes")]
    [InlineData("0 2147483647", "line 3: sum of messages")]
    public void Parse_OddLine_IsMalformed(string line, string problem)
    {
        var ledger = Parse($"100S\n1 1\n{line}\n2 2\n");

        Assert.Equal(RecalcReason.Malformed, ledger.Recalculate);
        Assert.Null(ledger.Usage);
        Assert.Equal(new QuotaLimit(100, 0), ledger.Limit);
        Assert.Equal(3, ledger.Lines);
        Assert.StartsWith(problem, ledger.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_LowestNumbers_AreSound()
    {
        var ledger = Parse("0S\n9223372036854775807 2147483647\n-9223372036854775807 -2147483647\n-0 00\n");

        Assert.Null(ledger.Recalculate);
        Assert.Equal(Usage.Zero, ledger.Usage);
    }

    [Fact]
    public void Parse_NegativeOnTheWay_IsSound() => Assert.Null(Parse("100S\n-5 -1\n5 1\n").Recalculate);

    [Theory]
    [InlineData("NOQUOTA\r\n1 1\n")]
    [InlineData("\r\n1 1\n")]
    public void Parse_UnlimitedWithCr_IsKnownAndMalformed(string content)
    {
        var ledger = Parse(content);

        Assert.Equal(QuotaLimit.Unlimited, ledger.Limit);
        Assert.Equal(RecalcReason.Malformed, ledger.Recalculate);
    }

    [Fact]
    public void Parse_TooLongAndMalformed_IsTooLongWithoutUsage()
    {
        var ledger = Parse("100S,5C\nhello\n" + new string('x', 6000));

        Assert.Equal(RecalcReason.TooLong, ledger.Recalculate);
        Assert.Equal(new QuotaLimit(100, 5), ledger.Limit);
        Assert.Null(ledger.Usage);
        Assert.Contains("line 2", ledger.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_StartOfALongFile_GivesLimitOnly()
    {
        var ledger = MaildirSizeFormat.Parse("100S\n1 1\n1"u8, 1_000_000);

        Assert.Equal(RecalcReason.TooLong, ledger.Recalculate);
        Assert.Equal(new QuotaLimit(100, 0), ledger.Limit);
        Assert.Null(ledger.Usage);
        Assert.Equal(1_000_000, ledger.Length);
    }

    [Fact]
    public void Parse_StartOfAShortFile_IsMalformed()
    {
        var ledger = MaildirSizeFormat.Parse("100S\n1 1\n"u8, 13);

        Assert.Equal(RecalcReason.Malformed, ledger.Recalculate);
        Assert.Equal("only 9 of 13 bytes were read", ledger.Problem);
        Assert.Null(ledger.Usage);
    }

    [Fact]
    public void Parse_HeaderCutOff_GivesNoLimit() => Assert.Null(MaildirSizeFormat.Parse("100S"u8, 20).Limit);

    [Theory]
    [InlineData(0, 0, "0S")]
    [InlineData(100, 0, "100S")]
    [InlineData(0, 5, "5C")]
    [InlineData(100, 5, "100S,5C")]
    public void FormatHeader_Limit_ListsWhatIsLimited(long bytes, long messages, string header) =>
        Assert.Equal(header, Encoding.ASCII.GetString(MaildirSizeFormat.FormatHeader(new QuotaLimit(bytes, messages))));

    [Fact]
    public void FormatLine_LongestDelta_Takes42Bytes()
    {
        var line = new byte[42];

        Assert.Equal(42, MaildirSizeFormat.FormatLine(new UsageDelta(long.MinValue, long.MinValue), line));
        Assert.Equal("-9223372036854775808 -9223372036854775808\n"u8, line);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void FormatLine_TooShort_Throws(int length) =>
        Assert.Throws<ArgumentException>(() => MaildirSizeFormat.FormatLine(new UsageDelta(28, 12), new byte[length]));

    [Fact]
    public void FormatLine_ManyTimes_AllocatesNothing()
    {
        Span<byte> line = stackalloc byte[42];
        MaildirSizeFormat.FormatLine(new UsageDelta(-1, 1), line);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            MaildirSizeFormat.FormatLine(new UsageDelta(-i, i), line);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static MaildirSize Parse(string latin1)
    {
        var content = Encoding.Latin1.GetBytes(latin1);
        return MaildirSizeFormat.Parse(content, content.Length);
    }
}
