using MaildirQuotaWatcher.Limits;

namespace MaildirQuotaWatcher.Daemon.Tests.Limits;

public sealed class LimitSourceSpecTests
{
    [Theory]
    [InlineData("passwd-file:/etc/dovecot/users", "passwd-file:/etc/dovecot/users")]
    [InlineData(" file: /etc/limits ", "file:/etc/limits")]
    [InlineData("passwd-file:scheme=CRYPT username_format=%n /etc/%d/users", "passwd-file:/etc/%d/users")]
    [InlineData("sql:/etc/dovecot/dovecot-sql.conf.ext", "sql:/etc/dovecot/dovecot-sql.conf.ext")]
    [InlineData("ldap:/etc/l", "ldap:/etc/l")]
    [InlineData("userdb:/etc/courier/userdb", "userdb:/etc/courier/userdb")]
    public async Task TryParse_Source_IsMade(string text, string name)
    {
        Assert.True(LimitSourceSpec.TryParse(text, out var spec, out _));
        await using var source = spec.Create(Serilog.Core.Logger.None);
        Assert.Equal(name, source.Name);
    }

    [Theory]
    [InlineData("passwd:/etc/x", "'passwd' is no source of limits; write passwd-file:PATH")]
    [InlineData("file", "'file' is no source")]
    [InlineData("file:limits", "'limits' is not an absolute path; begin with /")]
    [InlineData("sql:/etc/%d.conf", "sql: there is one file for all")]
    [InlineData("passwd-file:mode=x /etc/users", "column 13: 'mode' is not known")]
    [InlineData("passwd-file:username_format=%q /etc/users", "column 1: '%q' is not known here")]
    [InlineData("file:/etc/%w", "column 6: '%w'")]
    public void TryParse_Wrong_SaysWhereAndTheCure(string text, string start)
    {
        Assert.False(LimitSourceSpec.TryParse(text, out _, out var error));
        Assert.StartsWith(start, error);
    }
}
