using System.Diagnostics;
using MaildirQuotaWatcher.Testing;

namespace MaildirQuotaWatcher.Daemon.Tests.Script;

/// <summary>Words, settings, and the call of Dovecot's script service: arguments and no environment at all.</summary>
public sealed class CallTests : IDisposable
{
    private readonly WarningScript _script = new();

    public void Dispose() => _script.Dispose();

    [Fact]
    public void Help_IsPrinted()
    {
        var end = _script.Run("--help");
        Assert.Equal(0, end.Exit);
        Assert.StartsWith("Usage: quota-warning", end.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unknown option --frobnicate", "--frobnicate", "80", "rj")]
    [InlineData("neither a percentage nor below", "eighty", "rj")]
    [InlineData("THRESHOLD and USER are missing", "80")]
    [InlineData("unknown word 'mismatch'", "mismatch", "80", "rj")]
    [InlineData("--digest takes no further words", "--digest", "80")]
    public void Run_BadWords_AreABadUsage(string said, params string[] words)
    {
        _script.Facts.Clear();
        _script.Set("postmaster = boss@example.net");
        var end = _script.Run(words);
        Assert.Equal(2, end.Exit);
        Assert.Contains(said, end.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Your mailbox is more than 80% full", "80", "rj@example.org")]
    [InlineData("Your mailbox is more than 80% full", "80%", "rj@example.org")]
    [InlineData("Your mailbox is full", "100", "rj@example.org")]
    [InlineData("Your mailbox has room again", "below", "rj@example.org")]
    [InlineData("Your mailbox has room again", "below", "100", "rj@example.org")]
    [InlineData("Your mailbox is more than 80% full", "--", "80", "--help")]
    public void Run_EmptyEnvironment_IsEnough(string subject, params string[] words)
    {
        _script.Facts.Clear();
        Assert.Equal(subject, _script.Print(words)["Subject"]);
    }

    [Fact]
    public void Run_EmptyEnvironmentAndAMailboxPattern_AsksInspect()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var daemon = RepositoryRoot.Combine(
            "src", "Daemon", "bin", here.Parent!.Name, here.Name, "maildir-quota-watcher");
        var mailbox = Directory.CreateDirectory(Path.Combine(_script.Location, "mail/example.org/rj")).FullName;
        foreach (var folder in (string[])["", "/.Archive.Entw&APw-rfe", "/.Trash"])
            foreach (var part in (string[])["cur", "new", "tmp"])
                Directory.CreateDirectory($"{mailbox}{folder}/{part}");
        File.WriteAllText($"{mailbox}/maildirsize", "10000S\n9000 2\n");
        File.WriteAllText($"{mailbox}/.Archive.Entw&APw-rfe/cur/1.a.h,S=7000:2,S", new string('x', 7000));
        File.WriteAllText($"{mailbox}/cur/2.a.h,S=2000:2,S", new string('x', 2000));
        File.WriteAllText($"{mailbox}/.Trash/cur/3.a.h,S=9000:2,S", new string('x', 9000));
        _script.Facts.Clear();
        // an apphost has to know where .NET is
        _script.Facts["DOTNET_ROOT"] = Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        _script.Set($"mailbox = {_script.Location}/mail/%d/%n", $"inspect = {daemon} inspect --json");
        var message = _script.Print("80", "rj@example.org");
        Assert.Equal("Your mailbox is 90% full", message["Subject"]);
        Assert.Contains("holds 8.8 KB of 9.8 KB", message.Text, StringComparison.Ordinal);
        Assert.Contains("6.8 KB of 8.8 KB is in Archive/Entwürfe.", message.Text, StringComparison.Ordinal);
        Assert.Contains("INBOX (1 message)", message.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Trash", message.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc@example.org")]
    [InlineData(".@example.org")]
    [InlineData("rj@../..")]
    [InlineData("rj")]
    public void Run_AUserWhoLeadsElsewhere_HasNoMailbox(string user)
    {
        _script.Facts.Clear();
        _script.Set($"mailbox = {_script.Location}/mail/%d/%n");
        var end = _script.Run("80", user);
        Assert.Equal(2, end.Exit);
        Assert.Contains("is not known", end.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rj@example.org", "en")]
    [InlineData("rj@example.fr", "fr")]
    [InlineData("rj@EXAMPLE.fr", "fr")]
    [InlineData("anna@example.fr", "de")]
    [InlineData("rj@example.dk", "en")]
    public void Language_TheNearestCounts(string user, string language)
    {
        _script.Facts["MQW_USER"] = user;
        _script.Set(
            "language@anna@example.fr = de", "language@example.fr = fr # a remark", "language = en",
            "language@example.dk = da");
        Assert.Equal(language, _script.Print()["Content-Language"]);
    }

    [Fact]
    public void Settings_EveryError_IsNamedWithItsLine()
    {
        _script.Set("", "langauge = de", "deliver = pigeon", "no equals sign", "copy = perhaps", "from = Me <me@x>");
        var end = _script.Run();
        Assert.Equal(2, end.Exit);
        var errors = end.Errors.TrimEnd('\n').Split('\n');
        Assert.Equal(5, errors.Length);
        Assert.StartsWith($"quota-warning: {_script.Configuration}:6: unknown key \"langauge\"; known are", errors[0]);
        Assert.StartsWith($"quota-warning: {_script.Configuration}:7: deliver is dovecot-lda, sendmail,", errors[1]);
        Assert.Empty(_script.New);
    }

    [Fact]
    public void Settings_CopyWithoutAPostmaster_IsAnError()
    {
        _script.Set("copy = yes");
        var end = _script.Run();
        Assert.Equal(2, end.Exit);
        Assert.Contains("postmaster is not set", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_AFileThatIsNotThere_IsNamed()
    {
        var end = _script.Run("--config", "/nonexistent/conf");
        Assert.Equal(2, end.Exit);
        Assert.Contains("cannot read /nonexistent/conf", end.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[over]\nSubject: x\n%(usre)\n", "xx.template:3: unknown placeholder %(usre)")]
    [InlineData("colour = red\n", "xx.template:1: unknown word \"colour\"")]
    [InlineData("[over]\nSubject: %(root)\nx\n", "xx.template:2: a placeholder of the subject has no value")]
    public void Template_Wrong_SaysWhere(string template, string said)
    {
        File.WriteAllText(Path.Combine(_script.Templates, "xx.template"), template);
        _script.Set("language = xx");
        var end = _script.Run("--print");
        Assert.Equal(2, end.Exit);
        Assert.Contains(said, end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Template_OfOneSection_HasTheRestInEnglish()
    {
        File.WriteAllText(Path.Combine(_script.Templates, "xx.template"), "[full]\nSubject: Plein\n\nPlein.\n");
        _script.Set("language = xx");
        Assert.Equal("Your mailbox is 91% full", _script.Print()["Subject"]);
        _script.Facts["MQW_PERCENT"] = "100";
        Assert.Equal("Plein.\n", _script.Print().Text);
    }

    [Theory]
    [InlineData("dovecot-lda", "[-e][-d][rj@example.org][-f][<>][-o][plugin/quota=maildir:User quota:noenforcing]")]
    [InlineData("maildrop", "[-f][][-d][rj@example.org]")]
    public void Deliver_Program_GetsTheseWords(string deliver, string words)
    {
        var program = _script.Program("lda", "printf '[%s]' \"$@\" > $OUT/words; cat > $OUT/sent.mail");
        _script.Set($"deliver = {deliver}", $"dovecot_lda = {program}", $"maildrop = {program}");
        Assert.Equal(0, _script.Run().Exit);
        Assert.Equal([words], _script.Read("words"));
    }

    [Fact]
    public void Deliver_AProgramThatFails_IsAnError()
    {
        _script.Set("deliver = sendmail", "sendmail = false");
        var end = _script.Run();
        Assert.Equal(1, end.Exit);
        Assert.Contains("false failed for rj@example.org", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Sample_ParsesAsItStands()
    {
        var sample = RepositoryRoot.Combine("packaging", "etc", "quota-warning.conf");
        var uncommented = File.ReadAllLines(sample)
            .Select(line => line.StartsWith("# ") && line.Contains(" = ") ? line[2..] : line);
        File.WriteAllLines(Path.Combine(_script.Location, "sample"), uncommented);
        foreach (var path in (string[])[sample, Path.Combine(_script.Location, "sample")])
        {
            var end = _script.Run("--config", path, "--print");
            Assert.DoesNotContain(".conf:", end.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("sample:", end.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Shellcheck_FindsNothing()
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Select(directory => Path.Combine(directory, "shellcheck")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, "shellcheck is not installed");
        var script = RepositoryRoot.Combine("packaging", "bin", "quota-warning");
        var start = new ProcessStartInfo(found, ["-s", "sh", script])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        Assert.Equal("", process.StandardOutput.ReadToEnd());
        process.WaitForExit();
    }
}
