using MaildirQuotaWatcher.Limits;

namespace MaildirQuotaWatcher.Daemon.Tests.Limits;

public sealed class LdapAttributesTests
{
    private static readonly Dictionary<string, string> Entry = new() { ["quotaBytes"] = "1000", ["quotaMsgs"] = "5" };

    [Theory]
    [InlineData("homeDirectory=home, quotaBytes=quota_rule=*:bytes=%$", "quotaBytes", "quota_rule=*:bytes=1000")]
    [InlineData("quotaBytes=userdb_quota_over_flag", "quotaBytes", "quota_over_flag=1000")]
    [InlineData("=quota_rule=*:bytes=%{ldap:quotaBytes}:messages=%{ldap:quotaMsgs}", "quotaBytes quotaMsgs",
        "quota_rule=*:bytes=1000:messages=5")]
    [InlineData("=quota_rule=*:storage=%{ldap:none:7,5}M,quotaMsgs=quota_rule2=T:messages=%$", "none quotaMsgs",
        "quota_rule=*:storage=7,5M quota_rule2=T:messages=5")]
    [InlineData("=quota_rule=*:storage=%{ldap:none}M", "none", "")]
    [InlineData("none=quota_rule=*:storage=%$", "none", "")]
    public void FieldsOf_Entry_AreDovecots(string text, string names, string fields)
    {
        var attributes = LdapAttributes.Parse(text);
        Assert.Equal(names, string.Join(' ', attributes.Names));
        Assert.Equal(fields, attributes.FieldsOf(Entry.GetValueOrDefault).ToString());
    }

    [Theory]
    [InlineData("rj@ex-1.te_st", "rj@ex-1.te_st")]
    [InlineData("*)(uid=*", "\\2a\\29\\28uid\\3d\\2a")]
    [InlineData("a\\b\0\n,#", "a\\5cb\\00\\0a\\2c\\23")]
    [InlineData("é", "\\c3\\a9")]
    public void Escape_AnyText_IsHarmless(string text, string escaped) =>
        Assert.Equal(escaped, LdapEscape.Text(text));
}
