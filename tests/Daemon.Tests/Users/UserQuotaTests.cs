using System.Text;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Daemon.Tests.Limits;
using MaildirQuotaWatcher.Users;
using Serilog.Core;

namespace MaildirQuotaWatcher.Daemon.Tests.Users;

public sealed class UserQuotaTests
{
    private const string Everybody = """
        [mailboxes]
        locations = /var/vmail/%d/%n/Maildir
        [quota]
        quota_rule = *:storage=1M
        quota_rule2 = Trash:storage=+10%%
        quota_rule3 = Junk:ignore
        quota2 = maildir:Archive:ns=Archive/
        quota2_rule = *:storage=10M
        quota3 = group:Domain:by=%d
        quota3_rule = *:storage=100M
        """;

    [Fact]
    public void Of_NoFields_IsTheConfiguration()
    {
        var quota = Quota();
        Assert.Equal(new ConfiguredLimit(new QuotaLimit(1 << 20, 0), true), quota.Mailbox.Limit);
        Assert.Equal(["User quota", "Archive", "Domain"], quota.Roots.Select(root => root.Root.Name));
        Assert.Equal(10 << 20, quota.Roots[1].Rules.Default!.Value.Limit.Bytes);
        Assert.Equal("example.org", quota.Roots[2].GroupOf("rj@example.org"));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData(".Sent", 0)]
    [InlineData(".Junk", -1)]
    [InlineData(".Junk.2020", 0)]
    [InlineData(".Archive", 1)]
    [InlineData(".Archive.2020", 1)]
    [InlineData(".Archives", 0)]
    [InlineData(".Trash", -1)]
    public void RootOf_Folders_BelongWhereRulesAndPolicySay(string folder, int root) =>
        Assert.Equal(root, Quota().Mailbox.Roots.RootOf(Encoding.UTF8.GetBytes(folder)));

    /// <summary>Dovecot 2.3.19: a first root without ns= counts the folders of other roots, too; one with ns= does
    /// not.</summary>
    [Theory]
    [InlineData("maildir:User quota", true)]
    [InlineData("maildir:User quota:ns=", false)]
    public void IsCounted_FoldersOfAnotherRoot_CountTwiceUnlessTheFirstHasANamespace(string first, bool counted)
    {
        var roots = Quota($"quota = {first}").Mailbox.Roots;
        Assert.Equal(counted, roots.IsCounted(".Archive.2020"u8));
        Assert.Equal(1, roots.RootOf(".Archive.2020"u8));
        Assert.True(roots.IsCounted(".Sent"u8));
        Assert.False(roots.IsCounted(".Junk"u8));
    }

    /// <summary>Dovecot 2.3.19, run: the rules of a root are about that root alone.</summary>
    [Theory]
    [InlineData("maildir:User quota", 0)]
    [InlineData("maildir:User quota:ns=", -1)]
    public void RootOf_FolderThatItsOwnRootIgnores_CountsInTheFirstWhereThatCountsAll(string first, int root)
    {
        var roots = Quota($"quota = {first}\nquota2_rule2 = Archive/Tmp:ignore").Mailbox.Roots;
        Assert.Equal((root, root == 0), (roots.RootOf(".Archive.Tmp"u8), roots.IsCounted(".Archive.Tmp"u8)));
        Assert.Equal(1, roots.RootOf(".Archive.2020"u8));
        roots = Quota($"quota = {first}\nquota2_rule2 = Archive/Tmp:ignore\nquota_rule4 = Archive/Tmp:ignore").Mailbox.Roots;
        Assert.Equal((-1, false), (roots.RootOf(".Archive.Tmp"u8), roots.IsCounted(".Archive.Tmp"u8)));
    }

    [Fact]
    public void Of_UsersRules_AreStronger()
    {
        var quota = Quota(("quota_rule", "*:storage=5M"), ("quota_rule2", "Sent:ignore"), ("quota3_rule", "*:storage=7M"),
            ("quota_over_flag", "TRUE"));
        Assert.Equal(5 << 20, quota.Mailbox.Limit!.Value.Limit.Bytes);
        Assert.Equal(-1, quota.Mailbox.Roots.RootOf(".Sent"u8));
        Assert.Equal(-1, quota.Mailbox.Roots.RootOf(".Junk"u8));
        Assert.Equal(7 << 20, quota.Roots[2].Rules.Default!.Value.Limit.Bytes);
        Assert.Equal("TRUE", quota.Roots[0].Flag);
        Assert.Null(quota.Problem);
        Assert.Empty(quota.Remarks);
    }

    /// <summary>Dovecot 2.3.19, see UserFieldsBesideTests; the last two are ours.</summary>
    [Theory]
    [InlineData("quota_rule", "*:messages=7", "*:messages=7 Trash:bytes=+10% Junk:ignore")]
    [InlineData("quota_rule3", "Sent:ignore", "*:bytes=1048576 Trash:bytes=+10% Sent:ignore")]
    [InlineData("quota_rule4", "Sent:ignore", "*:bytes=1048576 Trash:bytes=+10% Junk:ignore Sent:ignore")]
    [InlineData("quota_rule4", "*:messages=7", "*:bytes=1048576:messages=7 Trash:bytes=+10% Junk:ignore")]
    [InlineData("quota_rule5", "Sent:ignore", "*:bytes=1048576 Trash:bytes=+10% Junk:ignore")]
    [InlineData("quota_own_rule", "*:messages=7", "*:bytes=1048576:messages=7 Trash:bytes=+10% Junk:ignore")]
    [InlineData("quota_own_rule", "Junk:bytes=+5", "*:bytes=1048576 Trash:bytes=+10% Junk:bytes=+5")]
    public void Of_Field_StandsForTheSettingOfItsName(string name, string value, string rules) =>
        Assert.Equal(rules, string.Join(' ', Quota((name, value)).Roots[0].Rules.All));

    [Fact]
    public void Of_LimitAndMessages_GiveWayToAUsersLimit_ButAreEditedByRulesWithoutNumber()
    {
        var text = Everybody.Replace("quota_rule = *:storage=1M", "limit = 1M\nmessages = 9", StringComparison.Ordinal)
            .Replace("quota_rule2", "quota_rule", StringComparison.Ordinal)
            .Replace("quota_rule3", "quota_rule2", StringComparison.Ordinal);
        Assert.Equal("*:bytes=1048576:messages=9 Trash:bytes=+10% Junk:ignore", RulesOf("quota_grace", "0"));
        Assert.Equal("*:bytes=5 Junk:ignore", RulesOf("quota_rule", "*:bytes=5"));
        Assert.Equal("*:bytes=1048576:messages=9 Sent:ignore Junk:ignore", RulesOf("quota_rule", "Sent:ignore"));
        Assert.Equal("*:bytes=5:messages=9 Trash:bytes=+10% Junk:ignore", RulesOf("quota_own_rule", "*:bytes=5"));

        string RulesOf(string name, string value) => string.Join(' ', Of(text, (name, value)).Roots[0].Rules.All);
    }

    [Theory]
    [InlineData("quota_rul", "*:storage=1G", "quota_rul is no field that is known here, so it does nothing; did you mean "
        + "'quota_rule'?")]
    [InlineData("quota9_rule", "*:storage=1G", "quota9_rule does nothing: the configuration has no quota9")]
    [InlineData("quota_rule5", "Sent:ignore", "quota_rule5 does nothing: there is no quota_rule4, and nothing is read")]
    [InlineData("quota3_rule2", "Trash:ignore", "quota3_rule2: a group of mailboxes has no folders")]
    [InlineData("quota_warning2", "storage=80% /w", "quota_warning2 does nothing: there is no quota_warning,")]
    public void Of_FieldThatDoesNothing_IsARemark(string name, string value, string remark)
    {
        var quota = Quota((name, value));
        Assert.StartsWith(remark, Assert.Single(quota.Remarks), StringComparison.Ordinal);
        Assert.Null(quota.Problem);
        Assert.Equal(1 << 20, quota.Mailbox.Limit!.Value.Limit.Bytes);
    }

    [Theory]
    [InlineData("quota_warning", "storage=50%", "quota_warning: no command; write storage=50% /path/to/command")]
    [InlineData("quota_warning2", "storage=95% /w", "quota_warning2: storage=95% already has a warning")]
    [InlineData("quota_warning", "storage=50% /w %h", "quota_warning: unknown variable '%h'")]
    [InlineData("quota_rule", "*:storage=1Q", "quota_rule: column 12: Unknown unit: Q")]
    [InlineData("quota_own_rule", "*:bogus=1", "*:bogus=1: column 3: Unknown rule limit name: bogus")]
    [InlineData("quota2_grace", "much", "quota2_grace: column 1: Invalid quota_grace: much")]
    [InlineData("quota_max_mail_size", "10%", "quota_max_mail_size: column 1: ")]
    [InlineData("quota_storage_size", "1 GB", "quota_storage_size: Dovecot 2.4's; write quota_rule = *:bytes=1 GB")]
    [InlineData("quota2_message_count", "5", "quota2_message_count: Dovecot 2.4's; write quota_rule = *:messages=5")]
    public void Of_FieldThatIsWrong_IsAProblem_AndTheConfigurationsStays(string name, string value, string problem)
    {
        var quota = Of(Everybody + "\nquota_warning = storage=95% /bin/true", (name, value));
        Assert.StartsWith(problem, quota.Problem, StringComparison.Ordinal);
        Assert.Null(quota.Mailbox.Limit);
        Assert.Equal(["storage=95%"], quota.Roots[0].Warnings.Select(warning => warning.Key));
        Assert.False(quota.Roots[0].HasOwnWarnings);
    }

    [Fact]
    public void Of_OtherSettingsOfAUser_AreHis()
    {
        var text = Everybody + "\nquota_warning = storage=95% /bin/true\nquota_max_mail_size = 10M";
        var quota = Of(text, ("quota_max_mail_size", "5M"), ("quota_exceeded_message", "no room"),
            ("quota2_over_flag", "yes"), ("quota_warning", "storage=90% /w"), ("quota_vsizes", "yes"));
        Assert.Equal((5 << 20, "no room"), (quota.MaxMailSize.Bytes, quota.ExceededMessage));
        Assert.Equal([null, "yes", null], quota.Roots.Select(root => root.Flag));
        Assert.Equal(["storage=90%"], quota.Roots[0].Warnings.Select(warning => warning.Key));
        Assert.Empty(quota.Remarks);
        Assert.Equal(10 << 20, Of(text).MaxMailSize.Bytes);
    }

    [Fact]
    public void Of_RuleThatCannotBeRead_ImposesNothing()
    {
        var quota = Quota(("quota_rule", "*:storage=lots"));
        Assert.Null(quota.Mailbox.Limit);
        Assert.Contains("quota_rule: column", quota.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_RulesThatNobodyHasAnyMore_AreNotKept()
    {
        var (settings, _) = SettingsReader.Read(IniFile.Parse("t.conf", Everybody));
        var source = new FakeSource();
        foreach (var i in Enumerable.Range(0, 1000))
            source.Users[$"u{i}"] = UserFields.Create([new("quota_rule", $"Junk{i}:ignore")]);
        await using var limits = new LimitService([source], null, new LimitOptions(), Logger.None);
        await limits.WarmAsync(source.Users.Keys);
        var quotas = new UserQuotas(settings.Quota, CountingPolicy.MaildirPlusPlus, limits) { Capacity = 10 };
        var kept = quotas.Of("u0").Mailbox.Roots;

        var all = Enumerable.Range(1, 999).Select(i => RootsOf(quotas, $"u{i}")).ToArray();
        GC.Collect();

        Assert.InRange(all.Count(roots => roots.IsAlive), 0, 20);
        Assert.Same(kept, quotas.Of("u0").Mailbox.Roots);
    }

    private static WeakReference RootsOf(UserQuotas quotas, string user) => new(quotas.Of(user).Mailbox.Roots);

    private static UserQuota Quota(params (string Name, string Value)[] fields) => Quota("", fields);

    private static UserQuota Quota(string more, params (string Name, string Value)[] fields) =>
        Of($"{Everybody}\n{more}", fields);

    private static UserQuota Of(string text, params (string Name, string Value)[] fields)
    {
        var (settings, errors) = SettingsReader.Read(IniFile.Parse("t.conf", text));
        Assert.Empty(errors);
        var known = fields.Length == 0 ? null
            : UserFields.Create(fields.Select(field => new KeyValuePair<string, string?>(field.Name, field.Value)));
        return UserQuota.Of(settings.Quota, known,
            (user, others) => new FolderRoots(CountingPolicy.MaildirPlusPlus, settings.Quota.Roots[0].Root, user, others));
    }
}
