using MaildirQuotaWatcher.Limits;

namespace MaildirQuotaWatcher.Daemon.Tests.Limits;

public sealed class UserFieldsTests
{
    [Theory]
    [InlineData("quota_rule", "quota_rule")]
    [InlineData("userdb_quota_rule2", "quota_rule2")]
    [InlineData("QUOTA2_RULE", "quota2_rule")]
    [InlineData("home", null)]
    [InlineData("quota-rule", null)]
    [InlineData("my_quota", null)]
    public void NameOf_Column_IsAQuotaFieldOrNot(string column, string? name) =>
        Assert.Equal(name, UserFields.NameOf(column));

    [Fact]
    public void Create_NullAndRepeated_AreLeftOut()
    {
        var fields = UserFields.Create([new("quota_rule", "*:storage=1G"), new("quota_rule2", null),
            new("userdb_quota_rule", "*:storage=2G"), new("uid", "5"), new("quota_over_flag", "")]);
        Assert.Equal("quota_rule=*:storage=1G quota_over_flag=", fields.ToString());
        Assert.Equal("*:storage=1G", fields["quota_rule"]);
        Assert.Null(fields["quota_rule2"]);
    }

    [Fact]
    public void Equals_SameFieldsInOrder_AreOne()
    {
        var one = UserFields.OfRules(["*:storage=1G", "Trash:ignore"]);
        Assert.Equal(one, UserFields.OfRules(["*:storage=1G", "Trash:ignore"]));
        Assert.Equal(one.GetHashCode(), UserFields.OfRules(["*:storage=1G", "Trash:ignore"]).GetHashCode());
        Assert.NotEqual(one, UserFields.OfRules(["Trash:ignore", "*:storage=1G"]));
        Assert.Same(UserFields.Empty, UserFields.OfRules([]));
    }

    [Theory]
    [InlineData("*:storage=1G")]
    [InlineData("a\\nb\nc\\")]
    [InlineData("=\\\\=")]
    [InlineData("")]
    public void FromText_OfToText_IsTheSame(string value)
    {
        var fields = UserFields.OfRules([value, "second"]);
        Assert.Equal(fields, UserFields.FromText(fields.ToText()));
    }

    [Theory]
    [InlineData("home=/x")]
    [InlineData("quota_rule")]
    [InlineData("quota_rule=a\n")]
    public void FromText_Foreign_IsNull(string text) => Assert.Null(UserFields.FromText(text));
}
