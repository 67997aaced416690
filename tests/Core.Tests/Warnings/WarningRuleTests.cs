using FsCheck;
using FsCheck.Fluent;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Core.Tests.Warnings;

public sealed class WarningRuleTests
{
    [Theory]
    [InlineData("storage=80% /bin/w", false, "storage=80%")]
    [InlineData("+storage=80%% /bin/w", false, "storage=80%")]
    [InlineData("-storage=100%% /bin/w", true, "-storage=100%")]
    [InlineData("  messages=1000000%", false, "messages=1000000%")]
    [InlineData("bytes=1%\t/bin/w", false, "storage=1%")]
    [InlineData("storage=100 w", false, "bytes=102400")]
    [InlineData("bytes=500 w", false, "bytes=500")]
    [InlineData("storage=10b w", false, "bytes=10")]
    [InlineData("storage=1G w", false, "bytes=1073741824")]
    [InlineData("bytes=2kib w", false, "bytes=2048")]
    [InlineData("messages=1k w", false, "messages=1024")]
    [InlineData("storage=\"1 GB\" w", false, "bytes=1073741824")]
    [InlineData("-storage=50%:messages=20 w", true, "-storage=50%:messages=20")]
    [InlineData("bytes=9223372036854775807", false, "bytes=9223372036854775807")]
    public void TryParse_DovecotForms_AreRead_AndTheirKeyAgain(string text, bool below, string key)
    {
        Assert.True(WarningRule.TryParse(text, out var rule, out var error), error);
        Assert.Equal((below, key), (rule.Below, rule.Key));
        Assert.True(WarningRule.TryParse(rule.Key, out var again, out error), error);
        Assert.Equal(rule.Parts, again.Parts);
    }

    [Fact]
    public void TryParse_Command_IsSplitAtBlanksAndQuotesKeepThem()
    {
        Assert.True(WarningRule.TryParse("storage=80% /bin/w  a \"two words\" x\"y z\" \"\"", out var rule, out _));
        Assert.Equal(["/bin/w", "a", "two words", "xy z", ""], rule.Command);
    }

    [Theory]
    [InlineData("", "column 1: the warning is empty")]
    [InlineData("storage", "column 1: '=' is missing")]
    [InlineData("-", "column 2: '=' is missing")]
    [InlineData("disk=80% /bin/w", "column 1: unknown resource 'disk'")]
    [InlineData("storage =80% /bin/w", "column 1: unknown resource 'storage '")]
    [InlineData("storage=% /bin/w", "column 9: a number is missing")]
    [InlineData("storage=+95% x", "column 9: a limit cannot have '+'")]
    [InlineData("storage=80%:messages=-5 x", "column 22: a limit cannot have '-'")]
    [InlineData("storage=0% /bin/w", "column 9: 0 % is out of range")]
    [InlineData("storage=1000001% /bin/w", "use 1 to 1000000")]
    [InlineData("storage=99999999999999999999% x", "out of range")]
    [InlineData("storage=80%%% /bin/w", "column 11: unknown unit '%%%'")]
    [InlineData("storage=1Mxyz /bin/w", "column 10: unknown unit 'Mxyz'")]
    [InlineData("storage=1 GB /bin/w", "column 11: 'GB'")]
    [InlineData("bytes=0 x", "column 7: 0 is never reached")]
    [InlineData("bytes=9223372036854775808 x", "column 7: 9223372036854775808 is too large")]
    [InlineData("storage=9007199254740993T x", "is too large")]
    [InlineData("storage=80%:storage=90% x", "column 13: storage is given twice")]
    [InlineData("storage=80%: x", "column 13: '=' is missing")]
    [InlineData("storage=\"1 G x", "column 9: a double quote is not closed")]
    [InlineData("storage=\"1 G\"x", "column 14: a blank is missing")]
    [InlineData("storage=80% /bin/w \"a b", "column 20: a double quote is not closed")]
    [InlineData("storage=80% exec:w", "column 13: 'w' is not an absolute path")]
    [InlineData("storage=80% tcp:host", "column 13: 'host' is not a host and a port")]
    [InlineData("storage=80% tcp:host:99999", "is not a host and a port")]
    [InlineData("storage=80%  http://x", "column 14: unknown scheme 'http:'")]
    [InlineData("storage=80% unix:", "column 13: 'unix:' names nothing")]
    public void TryParse_Bad_SaysWhereAndHow(string text, string expected)
    {
        Assert.False(WarningRule.TryParse(text, out _, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Contains(';', error);
    }

    [Fact]
    public void TryParse_AnyText_IsARuleWhoseKeyReadsTheSame_OrAnErrorWithAPlace() => Prop.ForAll(
        Gen.ArrayOf(Gen.Elements(
            "storage", "messages", "bytes", "=", ":", "%", "-", "+", " ", "\"", "9", "80", "k", "G", "/w", "x", "exec:", "tcp:", "\t"))
            .ToArbitrary(),
        words =>
        {
            if (!WarningRule.TryParse(string.Concat(words), out var rule, out var error))
                return error.StartsWith("column ", StringComparison.Ordinal) && error.Contains(';', StringComparison.Ordinal);
            return WarningRule.TryParse(rule.Key, out var again, out _)
                && again.Key == rule.Key && again.Parts.SequenceEqual(rule.Parts) && again.Below == rule.Below;
        }).Check(Chance.Of(100));

    [Theory]
    [InlineData("/bin/w", TargetKind.Program, "/bin/w", 0)]
    [InlineData("exec:/bin/w", TargetKind.Exec, "/bin/w", 0)]
    [InlineData("quota-warning", TargetKind.Unix, "quota-warning", 0)]
    [InlineData("unix:sub/qw", TargetKind.Unix, "sub/qw", 0)]
    [InlineData("unix:/run/x/qw", TargetKind.Unix, "/run/x/qw", 0)]
    [InlineData("tcp:mail.example.org:12345", TargetKind.Tcp, "mail.example.org", 12345)]
    [InlineData("tcp:[::1]:25", TargetKind.Tcp, "::1", 25)]
    public void Target_FirstWord_SaysWhoRunsIt(string word, TargetKind kind, string address, int port)
    {
        Assert.True(CommandTarget.TryParse(word, out var target, out var error), error);
        Assert.Equal(new CommandTarget(kind, address, port), target);
    }
}
