using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

/// <summary>The table of mounts of this machine, with a mount of bindfs (FUSE) in it.</summary>
[Collection("Machine")]
public sealed class MountTableTests : IDisposable
{
    /// <summary>The kernel writes it as it is; the rest looks like a line of its own.</summary>
    private const string Odd = "a\rx y z";

    private readonly ScratchDirectory _scratch;

    public MountTableTests()
    {
        Rights.DemandFuse();
        _scratch = new ScratchDirectory();
        foreach (var name in (string[])["behind", "a mount", Odd])
            Directory.CreateDirectory(Of(name));
    }

    public void Dispose()
    {
        foreach (var name in (string[])["a mount", Odd])
            Shell.Run("sh", "-c", "umount \"$1\" 2>/dev/null; true", "sh", Of(name));
        _scratch.Dispose();
    }

    [Fact]
    public void IsServed_Mounted_IsWhatLiesThere()
    {
        using var table = MountTable.Open();
        Assert.False(table.IsServed(At("a mount")));
        Mount();
        Assert.True(table.Refresh());
        Assert.False(table.Refresh());
        Assert.True(table.IsServed(At("a mount")));
        Assert.True(table.IsServed(At("a mount/rj/Maildir")));
        Assert.False(table.IsServed(At("a mount0")));
        Assert.False(table.IsServed(At("behind")));
        Assert.Contains(At("a mount"), table.Served);

        Shell.Run("umount", Of("a mount"));
        Assert.True(table.Refresh());
        Assert.False(table.IsServed(At("a mount")));
    }

    [Fact]
    public void IsServed_NameWithCarriageReturn_IsOneMount_AndNobodyElseTrips()
    {
        Mount(Odd);
        using var table = MountTable.Open();
        Assert.True(table.IsServed(At(Odd + "/rj")));
        Assert.All(MountInfo.ReadLines(), line => Assert.True(int.TryParse(line.Split(' ')[0], out _), line));
    }

    [Fact]
    public void Follow_Links_UpToWhatIsServed()
    {
        Mount();
        File.CreateSymbolicLink(Of("away"), Of("a mount/rj"));
        File.CreateSymbolicLink(Of("near"), "behind/../away");
        File.CreateSymbolicLink(Of("round"), "round");
        using var table = MountTable.Open();
        Assert.Equal(At("a mount/rj/Maildir"), table.Follow(At("near/Maildir")));
        Assert.Equal(At("behind/x"), table.Follow(At("./behind//x")));
        Assert.False(table.IsServed(table.Follow(At("round/x"))));
    }

    [Theory]
    [InlineData(@"a mount/a\rb")]
    [InlineData(@"a mount/a\nb\\040")]
    [InlineData(@"a mount/\377")]
    public void Refresh_NamesOfAnyBytes_AreWhatHasChanged(string name)
    {
        Shell.Run("mount", "-t", "tmpfs", "none", Of("a mount"));
        var path = Shell.Run("sh", "-c",
            "p=$(printf \"$1\"); mkdir \"$p\"; printf %s \"$p\" | od -An -v -tx1", "sh", Of(name));
        var point = BytePath.FromBytes(Convert.FromHexString(string.Concat(path.Where(char.IsAsciiHexDigit))));
        using var table = MountTable.Open();
        Shell.Run("sh", "-c", "mount -t tmpfs none \"$(printf \"$1\")\"", "sh", Of(name));
        Assert.True(table.Refresh());
        Assert.Equal([point], table.Changed);

        Shell.Run("sh", "-c", "umount \"$(printf \"$1\")\"", "sh", Of(name));
        Assert.True(table.Refresh());
        Assert.Equal([point], table.Changed);
    }

    private void Mount(string at = "a mount") => Shell.Run("bindfs", Of("behind"), Of(at));

    private string Of(string name) => Path.Combine(_scratch.FullName, name);

    private BytePath At(string name) => BytePath.FromString(Of(name));
}
