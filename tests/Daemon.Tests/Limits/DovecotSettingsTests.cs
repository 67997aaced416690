using MaildirQuotaWatcher.Limits;

namespace MaildirQuotaWatcher.Daemon.Tests.Limits;

public sealed class DovecotSettingsTests
{
    [Fact]
    public void Parse_DovecotsFile_IsReadAsDovecotDoes()
    {
        var settings = DovecotSettings.Parse("/x",
        [
            "# comment", "driver = pgsql", "  connect=host=/run dbname=mails password='a#b'  # why", "",
            "user_query = SELECT '#%u', \\", "  quota_rule \\", "# in between", "  FROM users", "base = \"with \\\" it\"",
            "default_pass_scheme = CRYPT", "empty =",
        ]);
        Assert.Equal("pgsql", settings["driver"]);
        Assert.Equal("host=/run dbname=mails password='a#b'", settings["connect"]);
        Assert.Equal("SELECT '#%u', quota_rule FROM users", settings["user_query"]);
        Assert.Equal("with \" it", settings["base"]);
        Assert.Null(settings["empty"]);
        Assert.Null(settings["absent"]);
    }

    [Theory]
    [InlineData("password secret")]
    [InlineData("pass word = secret")]
    [InlineData("!include_try secret")]
    public void Parse_Wrong_NamesTheLineAndNeverWhatItSays(string line)
    {
        var e = Assert.Throws<LimitSourceException>(() => DovecotSettings.Parse("/x", ["a = b", line]));
        Assert.StartsWith("/x:2: ", e.Message);
        Assert.DoesNotContain("secret", e.Message);
    }

    [Fact]
    public void Words_OfLibpq_AreParted()
    {
        var words = SqlDrivers.Words("/x", @" host=a host = b user='a b\'c' dbname=d\ e password='' ");
        Assert.Equal(["host=a", "host=b", "user=a b'c", "dbname=d e", "password="],
            words.Select(word => $"{word.Key}={word.Value}"));
    }

    [Theory]
    [InlineData("host=a secret", "column 8")]
    [InlineData("password='secret", "column 10: the quote is not closed")]
    [InlineData("=secret", "column 1")]
    public void Words_Wrong_NamesTheColumnAndNeverWhatItSays(string connect, string where)
    {
        var e = Assert.Throws<LimitSourceException>(() => SqlDrivers.Words("/x", connect));
        Assert.StartsWith($"/x: connect, {where}", e.Message);
        Assert.DoesNotContain("secret", e.Message);
    }

    [Theory]
    [InlineData("pgsql", "host=a pasword=secret")]
    [InlineData("pgsql", "sslmode=secret")]
    [InlineData("mysql", "port=secret")]
    [InlineData("oracle", "password=secret")]
    public void Open_Wrong_NamesTheFileAndNeverThePassword(string driver, string connect)
    {
        var settings = DovecotSettings.Parse("/x", [$"connect = {connect}"]);
        var e = Assert.Throws<LimitSourceException>(() => SqlDrivers.Open(driver, settings));
        Assert.StartsWith("/x: ", e.Message);
        Assert.DoesNotContain("secret", e.Message);
    }
}
