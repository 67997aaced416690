using MaildirQuotaWatcher.Config;

namespace MaildirQuotaWatcher.Daemon.Tests.Config;

public sealed class LocationPatternTests
{
    [Theory]
    [InlineData("/var/vmail/%d/%n/Maildir", "var/vmail/ex.test/rj/Maildir", null, "rj@ex.test")]
    [InlineData("/var/vmail/%u", "var/vmail/rj@ex.test", "vmail", "rj@ex.test")]
    [InlineData("/var/vmail/%n", "var/vmail/rj", "vmail", "rj")]
    [InlineData("/var/vmail/%n@%d", "var/vmail/a@b@ex.test", null, "a@b@ex.test")]
    [InlineData("/var/vmail/box-%n.d", "var/vmail/box-rj.d", null, "rj")]
    [InlineData("/var/vmail/%d/%u", "var/vmail/ex.test/rj", null, "rj")]
    [InlineData("/v/%n/%n", "v/rj/rj", null, "rj")]
    [InlineData("~/Maildir", "Maildir", "rj", "rj")]
    [InlineData("/srv//one/Maildir/", "srv/one/Maildir", "owner", "owner")]
    [InlineData("/srv/one/Maildir", "srv/one/Maildir", null, "one")]
    [InlineData("/srv/one/.maildir", "srv/one/.maildir", null, "one")]
    [InlineData("/srv/one", "srv/one", null, "one")]
    [InlineData("/srv/100%%/box", "srv/100%/box", null, "box")]
    public void UserOf_Matching_IsTheUser(string pattern, string names, string? account, string expected) =>
        Assert.Equal(expected, Parse(pattern).UserOf(names.Split('/'), account));

    [Theory]
    [InlineData("/var/vmail/%d/%n/Maildir", "var/vmail/ex.test/rj/mail")]
    [InlineData("/var/vmail/%d/%n/Maildir", "var/vmail/ex.test/rj")]
    [InlineData("/v/%n/%n", "v/rj/other")]
    [InlineData("/v/x%n", "v/x")]
    public void UserOf_NotMatching_IsNull(string pattern, string names) =>
        Assert.Null(Parse(pattern).UserOf(names.Split('/'), "rj"));

    [Theory]
    [InlineData("Maildir", "relative")]
    [InlineData("", "relative")]
    [InlineData("~rj/Maildir", "write ~/Maildir")]
    [InlineData("/var/../x", "'..' is not allowed")]
    [InlineData("/var/./x", "'.' is not allowed")]
    [InlineData("/var/%h/x", "unknown variable '%h'")]
    [InlineData("/var/x%", "unknown variable '%'")]
    [InlineData("/var/%n%d", "side by side")]
    [InlineData("~/%n", "already stands for the user")]
    [InlineData("~", "names no mailbox")]
    [InlineData("/", "names no mailbox")]
    public void TryParse_Bad_SaysWhy(string text, string expected)
    {
        Assert.False(LocationPattern.TryParse(text, out _, out var error));
        Assert.Contains(expected, error);
    }

    private static LocationPattern Parse(string text) =>
        LocationPattern.TryParse(text, out var pattern, out var error) ? pattern : throw new ArgumentException(error);
}
