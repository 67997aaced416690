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

    [Fact]
    public void Of_UsersRules_AreStronger()
    {
        var quota = Quota(("quota_rule", "*:storage=5M"), ("quota_rule2", "Sent:ignore"), ("quota3_rule", "*:storage=7M"),
            ("quota_over_flag", "TRUE"));
        Assert.Equal(5 << 20, quota.Mailbox.Limit!.Value.Limit.Bytes);
        Assert.Equal(-1, quota.Mailbox.Roots.RootOf(".Sent"u8));
        Assert.Equal(-1, quota.Mailbox.Roots.RootOf(".Junk"u8));
        Assert.Equal(7 << 20, quota.Roots[2].Rules.Default!.Value.Limit.Bytes);
        Assert.Equal("TRUE", quota.Flag);
        Assert.Null(quota.Problem);
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

    private static UserQuota Quota(string more, params (string Name, string Value)[] fields)
    {
        var (settings, errors) = SettingsReader.Read(IniFile.Parse("t.conf", $"{Everybody}\n{more}"));
        Assert.Empty(errors);
        var known = fields.Length == 0 ? null
            : UserFields.Create(fields.Select(field => new KeyValuePair<string, string?>(field.Name, field.Value)));
        return UserQuota.Of(settings.Quota, known,
            (user, others) => new FolderRoots(CountingPolicy.MaildirPlusPlus, settings.Quota.Roots[0].Root, user, others));
    }
}
