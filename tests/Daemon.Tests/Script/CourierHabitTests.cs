namespace MaildirQuotaWatcher.Daemon.Tests.Script;

/// <summary>courier = yes: the text of quotawarnmsg, and the stamp quotawarn with its 24 hours.</summary>
public sealed class CourierHabitTests : IDisposable
{
    private const long Now = 1795305600;
    private readonly WarningScript _script = new();

    public CourierHabitTests()
    {
        File.WriteAllText(Text, """
            X-Comment: kept
            From: Mail Delivery System <Mailer-Daemon@example.com>
            Date: Thu, 1 Jan 1970 00:00:00 +0000
            To: Valued Customer:;
            Subject: Mail quota warning
            Mime-Version: 1.0
            Content-Type: text/plain; charset=iso-8859-1
            Content-Transfer-Encoding: 7bit

            Your mailbox is now more than 90% full: $(id) %(user)

            """);
        _script.Set("deliver = maildir", "courier = yes", $"quotawarnmsg = {Text}");
        _script.Facts["MQW_MAILBOX"] = _script.Mailbox;
    }

    private string Text => Path.Combine(_script.Location, "quotawarnmsg");

    private string Stamp => Path.Combine(_script.Mailbox, "quotawarn");

    public void Dispose() => _script.Dispose();

    [Fact]
    public void Run_Text_IsVerbatimWithADateAndAnIdentifier()
    {
        var message = _script.Delivered();
        Assert.Equal("Your mailbox is now more than 90% full: $(id) %(user)\n", message.Text);
        Assert.Equal("kept", message["X-Comment"]);
        Assert.Equal("Mail Delivery System <Mailer-Daemon@example.com>", message["From"]);
        Assert.Equal("Sun, 22 Nov 2026 00:00:00 +0000", message["Date"]);
        Assert.Equal("<w1.quota-warning@example.org>", message["Message-ID"]);
        Assert.Equal("auto-generated", message["Auto-Submitted"]);
        Assert.Equal("text/plain; charset=iso-8859-1", message["Content-Type"]);
    }

    [Fact]
    public void Run_Stamp_IsOneByteThatAllMayRead()
    {
        _script.Delivered();
        Assert.Equal([0], File.ReadAllBytes(Stamp));
        Assert.Equal((UnixFileMode)0b110_100_100, File.GetUnixFileMode(Stamp));
    }

    [Theory]
    [InlineData(Now - 86400, true)]
    [InlineData(Now - 86399, false)]
    [InlineData(Now, false)]
    [InlineData(Now + 1000, false)]
    public void Run_AStampThatIsThere_CountsFor24Hours(long stamped, bool warned)
    {
        File.WriteAllText(Stamp, "");
        WarningScript.Own(Stamp);
        File.SetLastWriteTimeUtc(Stamp, DateTimeOffset.FromUnixTimeSeconds(stamped).UtcDateTime);
        Assert.Equal(0, _script.Run().Exit);
        Assert.Equal(warned ? 1 : 0, _script.New.Length);
        Assert.Equal(warned, new DateTimeOffset(File.GetLastWriteTimeUtc(Stamp)).ToUnixTimeSeconds() != stamped);
    }

    [Fact]
    public void Run_TheStampIsALink_WritesNotThroughIt()
    {
        var target = Path.Combine(_script.Location, "target");
        File.WriteAllText(target, "mine");
        WarningScript.Own(target);
        File.CreateSymbolicLink(Stamp, target);
        Mono.Unix.Native.Timespec[] old = [new() { tv_sec = 1 }, new() { tv_sec = 1 }];
        Assert.Equal(0, Mono.Unix.Native.Syscall.utimensat(
            -100, Stamp, old, Mono.Unix.Native.AtFlags.AT_SYMLINK_NOFOLLOW));
        Assert.Equal(0, _script.Run().Exit);
        Assert.Equal("mine", File.ReadAllText(target));
        Assert.Null(new FileInfo(Stamp).LinkTarget);
        Assert.Single(_script.New);
    }

    [Fact]
    public void Run_FallingBelow_IsOurTextWithoutAStamp()
    {
        _script.Facts["MQW_DIRECTION"] = "under";
        Assert.Equal("Your mailbox has room again", _script.Delivered()["Subject"]);
        Assert.False(File.Exists(Stamp));
    }

    [Fact]
    public void Run_NoFile_SaysSoAndLeavesNoStamp()
    {
        File.Delete(Text);
        var end = _script.Run();
        Assert.Equal(2, end.Exit);
        Assert.Contains($"cannot read {Text}", end.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Stamp));
        Assert.Empty(_script.New);
    }

    [Fact]
    public void Run_FailedDelivery_LeavesNoStamp()
    {
        Directory.Delete(Path.Combine(_script.Mailbox, "new"));
        Assert.Equal(1, _script.Run().Exit);
        Assert.False(File.Exists(Stamp));
    }
}
