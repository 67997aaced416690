using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class BytePathTests
{
    [Fact]
    public void Combine_WithAndWithoutSlash_PutsExactlyOne()
    {
        Assert.Equal("/a/b", BytePath.FromString("/a").Combine("b"u8).Display);
        Assert.Equal("/a/b", BytePath.FromString("/a/").Combine("b"u8).Display);
        Assert.Equal("/b", BytePath.FromString("/").Combine("b"u8).Display);
        Assert.Equal("b", BytePath.FromString("").Combine("b"u8).Display);
    }

    [Fact]
    public void Bytes_NotUtf8_AreKeptAsTheyAre()
    {
        byte[] name = [0xff, 0xe9, (byte)'x'];

        var path = BytePath.FromString("/ü").Combine(name);

        Assert.Equal([(byte)'/', 0xc3, 0xbc, (byte)'/', 0xff, 0xe9, (byte)'x'], path.Bytes.ToArray());
        Assert.Equal(name, path.Name.ToArray());
    }

    [Theory]
    [InlineData("/ü/漢/😀 x", "/ü/漢/😀 x")]
    [InlineData("a\nb\u001b[2J", "a\\x0Ab\\x1B[2J")]
    [InlineData("a\u0085b", "a\\xC2\\x85b")]
    [InlineData("a\u202eb", "a\\xE2\\x80\\xAEb")]
    public void Display_Text_IsKeptAndControlsAreEscaped(string path, string expected) =>
        Assert.Equal(expected, BytePath.FromString(path).Display);

    [Theory]
    [InlineData(new byte[] { 0xff, 0x41 }, "\\xFFA")]
    [InlineData(new byte[] { 0x41, 0xe2, 0x82 }, "A\\xE2\\x82")]
    [InlineData(new byte[] { 0xe2, 0x28, 0xa1 }, "\\xE2(\\xA1")]
    [InlineData(new byte[] { 0xc0, 0xaf }, "\\xC0\\xAF")]
    public void Display_InvalidUtf8_IsEscapedByteByByte(byte[] path, string expected) =>
        Assert.Equal(expected, BytePath.FromBytes(path).Display);

    [Fact]
    public void Equals_SameBytes_EqualAndSameHash()
    {
        var one = BytePath.FromString("/a/b");
        var other = BytePath.FromBytes("/a/b"u8);

        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(one, BytePath.FromString("/a/c"));
        Assert.NotEqual(BytePath.FromBytes([0xff]), BytePath.FromBytes([0xfe]));
    }

    [Fact]
    public void FromBytes_WithNul_IsRefused() =>
        Assert.Throws<ArgumentException>(() => BytePath.FromBytes([(byte)'a', 0, (byte)'b']));
}
