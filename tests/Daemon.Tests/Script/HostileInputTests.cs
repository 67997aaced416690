namespace MaildirQuotaWatcher.Daemon.Tests.Script;

/// <summary>Names and numbers from outside: nothing is run, no header line is added, the text stays text.</summary>
public sealed class HostileInputTests : IDisposable
{
    private static readonly string[] Header =
    [
        "Return-Path", "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Precedence",
        "X-Auto-Response-Suppress", "X-Loop", "X-Quota-Warning", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding", "Content-Language",
    ];

    private readonly WarningScript _script = new();

    public void Dispose() => _script.Dispose();

    [Theory]
    [InlineData("$(touch OUT/ran)@example.org", "\"$(touch OUT/ran)\"@example.org")]
    [InlineData("`touch OUT/ran`", "\"`touch OUT/ran`\"@example.org")]
    [InlineData("';touch OUT/ran;'", "\"';touch OUT/ran;'\"@example.org")]
    [InlineData("-oQ@example.org", "-oQ@example.org")]
    [InlineData("--print", "--print@example.org")]
    [InlineData("--config", "--config@example.org")]
    [InlineData("50%s%n%d%@example.org", "50%s%n%d%@example.org")]
    [InlineData("%(contact)%(folder)", "\"%(contact)%(folder)\"@example.org")]
    [InlineData("x,victim@example.org", "\"x,victim\"@example.org")]
    [InlineData("a\"b\\c@example.org", "\"a\\\"b\\\\c\"@example.org")]
    [InlineData("a&b\\1@example.org", "\"a&b\\\\1\"@example.org")]
    [InlineData("..@example.org", "\"..\"@example.org")]
    [InlineData("rj\nBcc: victim@example.org", "undisclosed-recipients:;")]
    [InlineData("rj\r\n\r\ntext", "undisclosed-recipients:;")]
    [InlineData("rj@example.org\nX: y", "undisclosed-recipients:;")]
    [InlineData("rj@exa mple.org", "undisclosed-recipients:;")]
    [InlineData("jürgen@example.org", "undisclosed-recipients:;")]
    public void Deliver_AnyUserName_IsTextAndOneRecipient(string user, string to)
    {
        user = user.Replace("OUT", _script.Location, StringComparison.Ordinal);
        _script.Facts["MQW_USER"] = user;
        _script.Set("contact = nobody");
        var message = _script.Delivered();
        Assert.Equal(Header, message.Names);
        Assert.Equal(to.Replace("OUT", _script.Location, StringComparison.Ordinal), message["To"]);
        var shown = user.Replace('\n', '?').Replace('\r', '?');
        Assert.Contains(
            $"mailbox {shown} is 91% full", message.Text.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_script.Location, "ran")));
    }

    [Theory]
    [InlineData("x,victim@example.org", "[-i][-f][<>][--][\"x,victim\"@example.org]")]
    [InlineData("-oQ@example.org", "[-i][-f][<>][--][-oQ@example.org]")]
    [InlineData("$(id) @example.org", "[-i][-f][<>][--][\"$(id) \"@example.org]")]
    [InlineData("rj", "[-i][-f][<>][--][rj]")]
    public void Sendmail_AnyUserName_IsOneArgument(string user, string arguments)
    {
        _script.Facts["MQW_USER"] = user;
        _script.Set("deliver = sendmail");
        Assert.Equal(0, _script.Run().Exit);
        Assert.Equal([arguments], _script.Read("sent.args"));
    }

    [Theory]
    [InlineData("sendmail")]
    [InlineData("dovecot-lda")]
    [InlineData("maildrop")]
    public void Deliver_ALineBreakInTheUserName_IsRefused(string deliver)
    {
        var program = _script.Program("lda", "echo run > $OUT/sent.args");
        _script.Facts["MQW_USER"] = "rj\nforged";
        _script.Set($"deliver = {deliver}", $"dovecot_lda = {program}", $"maildrop = {program}");
        var end = _script.Run();
        Assert.Equal(1, end.Exit);
        Assert.Contains("use deliver = maildir", end.Errors, StringComparison.Ordinal);
        Assert.Single(end.Errors.TrimEnd('\n').Split('\n'));
        Assert.Empty(_script.Read("sent.args"));
    }

    [Fact]
    public void Print_FolderNamesOfAnyBytes_AreCleaned()
    {
        var end = _script.RunAfter(
            """
            MQW_LARGEST=$(printf '500\t1\ta\033[31m\300\377b\n400\t1\tz\342\200\256x\n300\t1\t%%(user) $(id) `id`')
            export MQW_LARGEST
            """,
            "--print");
        Assert.Equal("", end.Errors);
        var text = new Testing.Messages.MailText(end.Output).Text;
        Assert.Contains("500 bytes  a?[31m\uFFFD\uFFFDb (1 message)\n", text, StringComparison.Ordinal);
        Assert.Contains("400 bytes  z?x (1 message)\n", text, StringComparison.Ordinal);
        Assert.Contains("300 bytes  %(user) $(id) `id` (1 message)\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1\t1\t.Archive.Entw&APw-rfe", "Archive/Entwürfe")]
    [InlineData("1\t1\t.A&-B", "A&B")]
    [InlineData("1\t1\t.&2D3eAA-", "😀")]
    [InlineData("1\t1\t.&!-x", "&!-x")]
    [InlineData("1\t1\tA&-B", "A&-B")]
    [InlineData("1\t1\ta\tb", "a?b")]
    public void Print_FolderName_IsShownAsPeopleKnowIt(string line, string shown)
    {
        _script.Facts["MQW_LARGEST"] = line;
        Assert.Contains($"1 bytes  {shown} (1 message)\n", _script.Print().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Print_LongFolderName_IsCutBetweenCharacters()
    {
        _script.Facts["MQW_LARGEST"] = "1\t1\t" + new string('ü', 100);
        var shown = "  " + new string('ü', 60) + "… (1 message)\n";
        Assert.Contains(shown, _script.Print().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("9223372036854775807", "holds 8 EB of")]
    [InlineData("9223372036854775808", "holds 8 EB of")]
    [InlineData("99999999999999999999999999999999999999", "holds 8 EB of")]
    [InlineData("0000000000000000000000012", "holds 12 bytes of")]
    [InlineData("1023", "holds 1023 bytes of")]
    [InlineData("1024", "holds 1 KB of")]
    [InlineData("1048575", "holds 1 MB of")]
    [InlineData("104752742", "holds 99.9 MB of")]
    public void Print_AnyUsage_IsASizeForPeople(string bytes, string text)
    {
        _script.Facts["MQW_USAGE_BYTES"] = bytes;
        Assert.Contains(text, _script.Print().Text.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-5")]
    [InlineData("1e9")]
    [InlineData("12 ; id")]
    public void Print_UsageThatIsNoNumber_IsLeftOut(string bytes)
    {
        _script.Facts["MQW_USAGE_BYTES"] = bytes;
        var message = _script.Print();
        Assert.Equal("Your mailbox is 91% full", message["Subject"]);
        Assert.DoesNotContain("holds", message.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("%(", message.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Print_EverythingEmpty_IsTheShortMessage()
    {
        foreach (var name in _script.Facts.Keys.Where(name => name.StartsWith("MQW_")).ToList())
            _script.Facts[name] = "";
        var message = _script.Print("80", "rj@example.org");
        Assert.Equal("Your mailbox is more than 80% full", message["Subject"]);
    }
}
