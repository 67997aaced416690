using MaildirQuotaWatcher.Testing.Messages;

namespace MaildirQuotaWatcher.Daemon.Tests.Script;

/// <summary>What the postmaster gets: shared quota roots, copies, the daily digest.</summary>
public sealed class PostmasterTests : IDisposable
{
    private readonly WarningScript _script = new();

    public PostmasterTests()
    {
        _script.Set("deliver = maildir", "postmaster = boss@example.net");
        _script.Facts["MQW_MAILBOX"] = _script.Mailbox;
    }

    public void Dispose() => _script.Dispose();

    [Fact]
    public void Copy_IsTheSameMessageToThePostmaster()
    {
        _script.Set("copy = yes");
        Assert.Equal(0, _script.Run().Exit);
        Assert.Equal(["[-i][-f][<>][--][boss@example.net]"], _script.Read("sent.args"));
        var own = new MailText(File.ReadAllBytes(Path.Combine(_script.Mailbox, "new", Assert.Single(_script.New))));
        Assert.Equal(own.Raw, "Return-Path: <>\n" + Sent().Raw);
    }

    [Fact]
    public void Postmaster_Empty_IsABadConfiguration()
    {
        _script.Set("postmaster@example.org =");
        var end = _script.Run();
        Assert.Equal(2, end.Exit);
        Assert.Contains("postmaster is one address", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_SharedRoot_GoesToThePostmasterAlone()
    {
        _script.Set("copy = yes");
        _script.Facts["MQW_ROOT"] = "Domain";
        Assert.Equal(0, _script.Run().Exit);
        Assert.Empty(_script.New);
        Assert.Equal(["[-i][-f][<>][--][boss@example.net]"], _script.Read("sent.args"));
        Assert.Equal("boss@example.net", Sent()["To"]);
    }

    [Fact]
    public void Run_ARootNamedInUserRoots_GoesToTheUser()
    {
        _script.Set("user_roots = Public , My archive");
        _script.Facts["MQW_ROOT"] = "My archive";
        Assert.Equal(0, _script.Run().Exit);
        Assert.Single(_script.New);
        Assert.Empty(_script.Read("sent.args"));
    }

    [Fact]
    public void Digest_GathersLinesAndSendsThemOnce()
    {
        _script.Set("digest = daily");
        Assert.Equal(0, _script.Run().Exit);
        Assert.Equal(0, _script.Run().Exit);
        _script.Facts["MQW_WARNING_ID"] = "w2";
        _script.Facts["MQW_USER"] = "fk\t\n@example.org";
        Assert.Equal(0, _script.Run().Exit);
        Assert.Equal(3, File.ReadAllLines(_script.Spool).Length);

        var end = _script.Run("--digest");
        Assert.True(end.Exit == 0, end.Errors);
        var digest = Sent();
        Assert.Equal("Quota warnings: 2", digest["Subject"]);
        Assert.Equal("boss@example.net", digest["To"]);
        Assert.Equal(
            ["22 Nov 2026 00:00:00    91%  rj@example.org                  4.6 GB / 5 GB  (Trash 4.2 GB)",
                "22 Nov 2026 00:00:00    91%  fk??@example.org                4.6 GB / 5 GB  (Trash 4.2 GB)"],
            digest.Text.Split('\n').Where(line => line.StartsWith("  ")).Select(line => line.Trim()));
        Assert.Equal(0, _script.Run("--digest").Exit);
        Assert.Single(_script.Read("sent.args"));
    }

    [Fact]
    public async Task Digest_ManyAtOnce_KeepsEveryLineWhole()
    {
        _script.Set("digest = daily", "deliver = sendmail", "sendmail = true");
        Assert.Equal(0, _script.Run().Exit);
        var line = Assert.Single(File.ReadAllLines(_script.Spool));
        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => Assert.Equal(0, _script.RunAgain().Exit))));
        Assert.Equal(Enumerable.Repeat(line, 9), File.ReadAllLines(_script.Spool));
    }

    [Fact]
    public void Digest_NotSent_IsSentNextTimeBeforeTheNewOnes()
    {
        _script.Set("digest = daily");
        Assert.Equal(0, _script.Run().Exit);
        _script.Program("sendmail", "exit 75");
        Assert.Equal(1, _script.Run("--digest").Exit);

        _script.Facts["MQW_WARNING_ID"] = "w2";
        Assert.Equal(0, _script.Run().Exit);
        _script.Program("sendmail", "cat > $OUT/sent.$$; echo sent.$$ >> $OUT/sent.files");
        Assert.Equal(0, _script.Run("--digest").Exit);
        Assert.Equal(2, _script.Read("sent.files").Length);
        Assert.False(File.Exists(_script.Spool) || File.Exists(_script.Spool + ".sending"));
    }

    [Fact]
    public void Digest_ALineWrittenWhileItIsSent_IsKept()
    {
        _script.Set("digest = daily");
        Assert.Equal(0, _script.Run().Exit);
        _script.Program("sendmail", """
            cat >> $OUT/sent.mail; [ -e $OUT/late ] || sed 's/^w1/w2/' $OUT/spool.sending > $OUT/late
            cat $OUT/late >> $OUT/spool.sending; : > $OUT/late; echo sent >> $OUT/sent.args
            """);
        Assert.Equal(0, _script.Run("--digest").Exit);
        // the late line has gone into a second digest of the same run
        Assert.Equal(2, _script.Read("sent.args").Length);
        Assert.Equal(2, File.ReadAllText(Path.Combine(_script.Location, "sent.mail")).Split("Subject: ").Length - 1);
        Assert.True(!File.Exists(_script.Spool) || new FileInfo(_script.Spool).Length == 0);
    }

    [Fact]
    public void Digest_TheSpoolIsALink_IsNotWrittenThrough()
    {
        var target = Path.Combine(_script.Location, "target");
        File.WriteAllText(target, "");
        File.CreateSymbolicLink(_script.Spool, target);
        _script.Set("digest = daily");
        Assert.Equal(1, _script.Run().Exit);
        Assert.Equal("", File.ReadAllText(target));
    }

    private MailText Sent() => new(File.ReadAllBytes(Path.Combine(_script.Location, "sent.mail")));
}
