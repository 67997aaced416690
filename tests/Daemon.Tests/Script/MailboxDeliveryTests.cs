using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Script;

/// <summary>deliver = maildir: once for each warning, never through a link, never as root.</summary>
public sealed class MailboxDeliveryTests : IDisposable
{
    private readonly WarningScript _script = new();

    public MailboxDeliveryTests()
    {
        _script.Set("deliver = maildir");
        _script.Facts["MQW_MAILBOX"] = _script.Mailbox;
    }

    public void Dispose() => _script.Dispose();

    [Fact]
    public void Run_Repeated_DeliversOnce()
    {
        Deliver();
        var first = Assert.Single(_script.New);
        // a repeat may have other facts, so another size
        _script.Facts["MQW_LARGEST"] = "";
        Deliver();
        Assert.Equal([first], _script.New);
    }

    [Fact]
    public void Run_RepeatedAfterItWasRead_DeliversNoSecond()
    {
        Deliver();
        var name = Assert.Single(_script.New);
        File.Move(Path.Combine(_script.Mailbox, "new", name), Path.Combine(_script.Mailbox, "cur", name + ":2,S"));
        Deliver();
        Assert.Empty(_script.New);
    }

    [Fact]
    public void Run_AnotherWarning_IsAnotherMessage()
    {
        Deliver();
        _script.Facts["MQW_WARNING_ID"] = "/home/rj/Maildir storage:95:over #3";
        Deliver();
        Assert.Equal(2, _script.New.Length);
        Assert.All(_script.New, name => Assert.Matches(@"\Aquota-warning\.(w1|[0-9a-f]{32}),S=\d+\z", name));
    }

    [Fact]
    public void Run_Message_HasItsSizeItsOwnerAndTheModeOfTheOthers()
    {
        var other = Path.Combine(_script.Mailbox, "cur", "1.a.h:2,S");
        File.WriteAllText(other, "x");
        File.SetUnixFileMode(other, (UnixFileMode)0b110_100_000);
        WarningScript.Own(other);
        Deliver();
        var path = Path.Combine(_script.Mailbox, "new", Assert.Single(_script.New));
        Assert.EndsWith($",S={new FileInfo(path).Length}", path, StringComparison.Ordinal);
        Assert.Equal((UnixFileMode)0b110_100_000, File.GetUnixFileMode(path));
        Assert.Equal(0, Mono.Unix.Native.Syscall.lstat(path, out var message));
        Assert.Equal(0, Mono.Unix.Native.Syscall.lstat(_script.Mailbox, out var mailbox));
        Assert.Equal((mailbox.st_uid, mailbox.st_gid), (message.st_uid, message.st_gid));
        Assert.Empty(Directory.GetFiles(Path.Combine(_script.Mailbox, "tmp")));
    }

    // The script runs ln once: killed before it the message is not there, killed after it the message is.
    [Theory]
    [InlineData("kill -9 $PPID; exit 1", 0)]
    [InlineData("/bin/ln \"$@\"; kill -9 $PPID", 1)]
    public void Run_KilledAndRepeated_DeliversOnce(string ln, int delivered)
    {
        var programs = Directory.CreateDirectory(Path.Combine(_script.Location, "bin")).FullName;
        _script.Program("bin/ln", ln);
        var path = _script.Facts["PATH"];
        _script.Facts["PATH"] = $"{programs}:{path}";
        Assert.Equal(1, _script.Run().Exit);
        Assert.Equal(delivered, _script.New.Length);
        _script.Facts["PATH"] = path;
        Deliver();
        Assert.Single(_script.New);
    }

    [Fact]
    public void Run_WhereThereAreNoHardLinks_RenamesTheMessage()
    {
        _script.Program("ln", "exit 1");
        _script.Facts["PATH"] = $"{_script.Location}:{_script.Facts["PATH"]}";
        Deliver();
        Assert.Single(_script.New);
        Assert.Empty(Directory.GetFiles(Path.Combine(_script.Mailbox, "tmp")));
    }

    [Theory]
    [InlineData("tmp")]
    [InlineData("new")]
    [InlineData("cur")]
    public void Run_APartOfTheMailboxIsALink_WritesNothing(string part)
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(_script.Location, "elsewhere")).FullName;
        WarningScript.Own(elsewhere);
        Directory.Delete(Path.Combine(_script.Mailbox, part));
        File.CreateSymbolicLink(Path.Combine(_script.Mailbox, part), elsewhere);
        AssertRefused($"{part} of the mailbox is not a directory");
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
        Assert.All((string[])["new", "tmp"], each =>
            Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_script.Mailbox, each))));
    }

    [Fact]
    public void Run_TheMailboxIsALink_WritesNothing()
    {
        var link = Path.Combine(_script.Location, "link");
        File.CreateSymbolicLink(link, _script.Mailbox);
        _script.Facts["MQW_MAILBOX"] = link + "/";
        AssertRefused("is not a directory");
        Assert.Empty(_script.New);
    }

    [Theory]
    [InlineData("/nonexistent", 1, "is not a directory")]
    [InlineData("/dev/null", 1, "is not a directory")]
    [InlineData("Maildir", 2, "is not an absolute path")]
    [InlineData("-", 2, "is not an absolute path")]
    [InlineData("/", 1, "is not a directory")]
    [InlineData("", 2, "is not known: set \"mailbox =\"")]
    public void Run_NoMailbox_SaysWhatIsWrong(string mailbox, int exit, string said)
    {
        _script.Facts["MQW_MAILBOX"] = mailbox;
        var end = _script.Run();
        Assert.Equal(exit, end.Exit);
        Assert.Contains(said, end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_AsRootIntoRootsMailbox_IsRefused()
    {
        Assert.SkipUnless(ProcessIdentity.EffectiveUid == 0, "only root can be root");
        Assert.Equal(0, Mono.Unix.Native.Syscall.lchown(_script.Mailbox, 0, 0));
        AssertRefused("belongs to root");
    }

    [Fact]
    public void Run_AsSomebodyElse_IsRefused()
    {
        Assert.SkipUnless(ProcessIdentity.EffectiveUid == 0, "only root can become somebody else");
        File.SetUnixFileMode(_script.Mailbox, (UnixFileMode)0b111_111_111);
        var end = _script.RunAfter(
            "set -- -c 'exec setpriv --reuid 1 --regid 1 --clear-groups -- /bin/dash \"$@\"' sh \"$@\"");
        Assert.Equal(1, end.Exit);
        Assert.Contains("belongs to uid", end.Errors, StringComparison.Ordinal);
        Assert.Empty(_script.New);
    }

    private void Deliver()
    {
        var end = _script.Run();
        Assert.True(end is { Exit: 0, Errors: "" }, end.Errors);
    }

    private void AssertRefused(string said)
    {
        var end = _script.Run();
        Assert.Equal(1, end.Exit);
        Assert.Contains(said, end.Errors, StringComparison.Ordinal);
    }
}
