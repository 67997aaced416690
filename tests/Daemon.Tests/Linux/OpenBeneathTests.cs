using System.Text;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class OpenBeneathTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Descriptor _root;

    public OpenBeneathTests()
    {
        Directory.CreateDirectory(_directory.At("root/a/b"));
        Directory.CreateDirectory(_directory.At("outside/b"));
        File.CreateSymbolicLink(_directory.At("root/inner"), "a");
        File.CreateSymbolicLink(_directory.At("root/a/link"), "b");
        File.CreateSymbolicLink(_directory.At("root/outer"), "../outside");
        File.CreateSymbolicLink(_directory.At("root/absolute"), _directory.At("root/a"));
        _root = new Descriptor(Files.OpenDirectory(_directory.Fd, "root"u8, false, out _));
    }

    public void Dispose()
    {
        _root.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("a/b", "root/a/b")]
    [InlineData("a//./b/", "root/a/b")]
    [InlineData("", "root")]
    [InlineData(".", "root")]
    public void OpenBeneath_PlainDirectories_AreOpened(string relative, string expected)
    {
        foreach (var followLinks in new[] { false, true })
            AssertOpens(relative, followLinks, expected);
    }

    [Theory]
    [InlineData("inner/b", nameof(Errno.ELOOP))]
    [InlineData("inner", nameof(Errno.ENOTDIR))]
    [InlineData("a/link", nameof(Errno.ELOOP))]
    [InlineData("outer/b", nameof(Errno.ELOOP))]
    [InlineData("absolute/b", nameof(Errno.ELOOP))]
    public void OpenBeneath_ALinkAnywhere_IsRefused(string relative, string errno) =>
        AssertRefused(relative, false, errno == nameof(Errno.ELOOP) ? Errno.ELOOP : Errno.ENOTDIR);

    [Fact]
    public void OpenBeneath_ALinkThatStaysInside_IsFollowedOnDemand() => AssertOpens("inner/b", true, "root/a/b");

    [Theory]
    [InlineData("outer/b")]
    [InlineData("absolute/b")]
    public void OpenBeneath_ALinkThatLeaves_IsRefusedEvenWhenFollowing(string relative) =>
        AssertRefused(relative, true, Errno.EXDEV);

    [Theory]
    [InlineData("..")]
    [InlineData("a/../../outside")]
    [InlineData("a/..")]
    [InlineData("/")]
    [InlineData("/etc")]
    public void OpenBeneath_DotDotOrAbsolute_IsRefused(string relative)
    {
        AssertRefused(relative, false, Errno.EXDEV);
        AssertRefused(relative, true, Errno.EXDEV);
    }

    [Fact]
    public void OpenBeneath_Missing_IsENOENTAndLeavesNoDescriptorOpen()
    {
        AssertRefused("a/missing/b", false, Errno.ENOENT);
        using var before = new Descriptor(Files.OpenDirectory(_root.Number, "."u8, false, out _));
        var number = before.Number;
        before.Dispose();
        for (var i = 0; i < 5000; i++)
            AssertRefused("a/missing/b", false, Errno.ENOENT);
        using var after = new Descriptor(Files.OpenDirectory(_root.Number, "."u8, false, out _));
        Assert.InRange(after.Number, 0, number + 1000);
    }

    private void AssertOpens(string relative, bool followLinks, string expected)
    {
        using var found = new Descriptor(
            Files.OpenBeneath(_root.Number, Encoding.UTF8.GetBytes(relative), followLinks, out var errno));
        Assert.Equal(Errno.None, errno);
        Files.FStat(found.Number, out var status);
        Assert.True(Files.Stat(BytePath.FromString(_directory.At(expected)), false, out var wanted, out _));
        Assert.Equal(wanted.Inode, status.Inode);
    }

    private void AssertRefused(string relative, bool followLinks, Errno expected)
    {
        Assert.Equal(-1, Files.OpenBeneath(_root.Number, Encoding.UTF8.GetBytes(relative), followLinks, out var errno));
        Assert.Equal(expected, errno);
    }
}
