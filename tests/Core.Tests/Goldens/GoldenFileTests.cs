using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Core.Tests.Goldens;

/// <summary>That a mistake in a golden is said, with its place, and never passes for a passing test.</summary>
public sealed class GoldenFileTests
{
    [Fact]
    public void Allow_UnknownWord_NamesTheLine()
    {
        var golden = new GoldenCase("x.golden:1", "X1", "", [new GoldenLine("x.golden:2", "lenght", "5")]);

        var error = Assert.Throws<FormatException>(() => golden.Allow("length"));
        Assert.Contains("x.golden:2: lenght", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Require_MissingWord_NamesTheCase()
    {
        var golden = new GoldenCase("x.golden:1", "X1", "", []);

        Assert.Contains("X1", Assert.Throws<FormatException>(() => golden.Require("usage")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"a\n\r\t\\\x00\xff b", "a\n\r\t\\\0\u00ff b")]
    [InlineData("", "")]
    public void Decode_Escapes_AreBytes(string text, string latin1) =>
        Assert.Equal(System.Text.Encoding.Latin1.GetBytes(latin1), GoldenEscapes.Decode(text));

    [Theory]
    [InlineData(@"\q")]
    [InlineData(@"\")]
    [InlineData(@"\x1")]
    public void Decode_UnknownEscape_Throws(string text) =>
        Assert.Throws<FormatException>(() => GoldenEscapes.Decode(text));
}
