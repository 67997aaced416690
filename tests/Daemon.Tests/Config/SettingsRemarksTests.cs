using MaildirQuotaWatcher.Config;

namespace MaildirQuotaWatcher.Daemon.Tests.Config;

public sealed class SettingsRemarksTests
{
    [Theory]
    [InlineData("quota", "quota_warning = storage=80 /bin/w 80",
        "f:2: remark: quota_warning: storage=80 has no unit, so it is 80 KB, as in Dovecot; "
        + "write storage=80% or storage=80M if that is meant")]
    [InlineData("warnings", "quota_warning2 = -bytes=80:messages=5 /bin/w", "bytes=80 has no unit, so it is 80 B")]
    [InlineData("quota", "quota_rule = *:messages=5:storage=1000", "storage=1000 has no unit, so it is 1000 KB, as in "
        + "Dovecot; write storage=1000M if that is meant")]
    [InlineData("quota", "quota2_rule2 = Sent Items:storage=+10", "storage=+10 has no unit, so it is 10 KB")]
    [InlineData("quota", "limit = 100", "limit: 100 has no unit, so it is 100 bytes; write 100M")]
    public void Of_SmallNumberWithoutUnit_IsARemark(string section, string line, string remark) =>
        Assert.Contains(remark, Assert.Single(Of(section, line)));

    [Theory]
    [InlineData("quota_rule = Trash:storage=10M", "f:2: remark: quota_rule: column 15: 10M is added to the default limit; "
        + "write storage=+10M")]
    [InlineData("quota = count:User quota", "f:2: remark: quota: column 1: count is read as maildir")]
    [InlineData("quota2 = maildir:P:ns=Public/", "quota2: ns=Public/ are folders inside each mailbox; where Dovecot's")]
    [InlineData("quota_rule2 = Archive/x:ignore\nquota_rule = Arch*:ignore",
        "f:3: remark: Archive/x is never used: Arch* comes first")]
    [InlineData("quota_vsizes = yes", "f:2: remark: quota_vsizes: does nothing: not needed here")]
    [InlineData("quota2_grace = 5%", "f:2: remark: quota2_grace: refuses nothing here: whoever delivers")]
    [InlineData("quota_max_mail_size = 25M", "f:2: remark: quota_max_mail_size: refuses nothing here")]
    [InlineData("quota_exceeded_message = :storage=80", "f:2: remark: quota_exceeded_message: refuses nothing here")]
    public void Of_WhatTheParsersRemark_IsSaidWithItsPlace(string lines, string remark) =>
        Assert.Contains(remark, Assert.Single(Of("quota", lines)));

    [Theory]
    [InlineData("quota", "quota_warning = storage=80% /bin/w storage=80")]
    [InlineData("quota", "quota_warning = storage=80%%:messages=80 /bin/w")]
    [InlineData("quota", "quota_warning = storage=80k /bin/w")]
    [InlineData("quota", "quota_rule = *:bytes=1048576:messages=5")]
    [InlineData("quota", "quota_rule = *:storage=1024")]
    [InlineData("quota", "quota_rule = *:storage=0")]
    [InlineData("quota", "quota_rule = Trash:storage=+10%")]
    [InlineData("quota", "limit = 1048576")]
    [InlineData("quota", "limit = 0")]
    [InlineData("quota", "limit = 100k")]
    public void Of_AnythingElse_IsNone(string section, string line) => Assert.Empty(Of(section, line));

    private static string[] Of(string section, string line) =>
        [.. SettingsRemarks.Of(IniFile.Parse("f", $"[{section}]\n{line}\n")).Select(remark => remark.ToString())];
}
