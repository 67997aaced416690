using MaildirQuotaWatcher.Config;

namespace MaildirQuotaWatcher.Daemon.Tests.Config;

public sealed class QuotaKeyTests
{
    [Theory]
    [InlineData("quota", 1, "", 1)]
    [InlineData("quota2", 2, "", 1)]
    [InlineData("quota_rule", 1, "rule", 1)]
    [InlineData("quota_rule12", 1, "rule", 12)]
    [InlineData("quota3_warning2", 3, "warning", 2)]
    [InlineData("quota_max_mail_size", 1, "max_mail_size", 1)]
    [InlineData("quota_over_flag", 1, "over_flag", 1)]
    public void TryParse_DovecotsKey_IsTakenApart(string text, int root, string word, int number)
    {
        Assert.True(QuotaKey.TryParse(text, out var key));
        Assert.Equal(new QuotaKey(root, word, number), key);
        Assert.Equal(text, key.ToString());
    }

    [Theory]
    [InlineData("limit")]
    [InlineData("quotas")]
    [InlineData("quota1")]
    [InlineData("quota0_rule")]
    [InlineData("quota_rule0")]
    [InlineData("quota_rule1")]
    [InlineData("quota_rule02")]
    [InlineData("quota_rule2x")]
    [InlineData("quota_rule99999999999")]
    public void TryParse_OtherText_IsRefused(string text) => Assert.False(QuotaKey.TryParse(text, out _));
}
