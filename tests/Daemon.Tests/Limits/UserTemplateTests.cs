using MaildirQuotaWatcher.Limits;

namespace MaildirQuotaWatcher.Daemon.Tests.Limits;

public sealed class UserTemplateTests
{
    [Theory]
    [InlineData("/etc/%d/users", "Rj@Ex.test", "/etc/Ex.test/users")]
    [InlineData("%Ln-%Ud-100%%", "Rj@Ex.test", "rj-EX.TEST-100%")]
    [InlineData("%{user}/%{username | lower}/%{domain|upper}", "Rj@Ex.test", "Rj@Ex.test/rj/EX.TEST")]
    [InlineData("%u %n [%d]", "rj", "rj rj []")]
    [InlineData("%d", "a@b@c", "b@c")]
    public void Expand_Variables_AreTheUsers(string text, string user, string expanded)
    {
        Assert.True(UserTemplate.TryParse(text, out var template, out _));
        Assert.Equal(expanded, template.Expand(user));
    }

    [Theory]
    [InlineData("abc %w", "column 5: '%w'")]
    [InlineData("%{home}", "column 1: '%{home}'")]
    [InlineData("50%", "column 3: '%'")]
    public void TryParse_UnknownVariable_NamesColumnAndCure(string text, string start)
    {
        Assert.False(UserTemplate.TryParse(text, out _, out var error));
        Assert.StartsWith(start, error);
        Assert.Contains("use %u", error);
    }
}
