using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;

namespace MaildirQuotaWatcher.Core.Tests.Rules;

public sealed class RuleSetTests
{
    private static readonly QuotaLimit Standard = new(10_000, 10);

    [Fact]
    public void Empty_LeavesTheHeaderTheAuthority()
    {
        Assert.Null(RuleSet.Empty.Default);
        Assert.Equal(Standard, RuleSet.Empty.LimitFor("Trash", Standard));
        Assert.Equal(RuleSet.Empty, Rule.Set());
    }

    [Fact]
    public void With_UsersDefault_ReplacesWhatItNames()
    {
        var set = Rule.Set("*:bytes=1000:messages=5", "Trash:bytes=+10%").With([Rule.Of("*:bytes=3000")]);
        Assert.Equal(new ConfiguredLimit(new QuotaLimit(3000, 5), true), set.Default);
        Assert.Equal(3300, set.LimitFor("Trash", set.Default!.Value.Limit).Bytes);
    }

    [Fact]
    public void With_UsersIgnore_IsUnlimited() => Assert.Equal(
        new ConfiguredLimit(QuotaLimit.Unlimited, true),
        Rule.Set("*:bytes=1000:messages=5").With([Rule.Of("*:ignore")]).Default);

    [Fact]
    public void With_UsersForcedDefault_ForcesAnUnforcedOne() => Assert.Equal(
        new ConfiguredLimit(new QuotaLimit(2000, 0), true),
        Rule.Set("?:bytes=1000").With([Rule.Of("*:bytes=2000")]).Default);

    [Fact]
    public void With_NewFolder_ComesLast_AndOldOneIsEdited()
    {
        var set = Rule.Set("Arch*:bytes=+1", "Trash:bytes=+2:messages=+3")
            .With([Rule.Of("Archive:bytes=+100"), Rule.Of("Trash:bytes=+20")]);
        Assert.Equal(["Arch*", "Trash", "Archive"], set.Folders.Select(rule => rule.Mask));
        Assert.Equal(new QuotaLimit(10_001, 10), set.LimitFor("Archive", Standard));
        Assert.Equal(new QuotaLimit(10_020, 13), set.LimitFor("Trash", Standard));
    }

    [Fact]
    public void With_UsersLimitForAnIgnoredFolder_CountsItAgain()
    {
        var set = Rule.Set("Junk:ignore").With([Rule.Of("Junk:bytes=+5")]);
        Assert.False(set.IsIgnored("Junk"));
        Assert.Equal(10_005, set.LimitFor("Junk", Standard).Bytes);
        Assert.True(set.With([Rule.Of("Junk:ignore")]).IsIgnored("Junk"));
    }

    [Fact]
    public void Equals_SetsThatSayTheSame_AreOneKey()
    {
        var table = new Dictionary<RuleSet, int> { [Rule.Set("*:storage=1M", "Trash:storage=10M")] = 1 };
        Assert.Equal(1, table[Rule.Set("*:bytes=1048576", "Trash:storage=+10M")]);
        Assert.False(table.ContainsKey(Rule.Set("?:bytes=1048576", "Trash:storage=+10M")));
        Assert.False(table.ContainsKey(Rule.Set("*:bytes=1048576", "Trash:storage=+11M")));
        Assert.False(table.ContainsKey(Rule.Set("*:bytes=1048576")));
    }

    [Fact]
    public void Equals_OrderOfFolders_Matters() =>
        Assert.NotEqual(Rule.Set("A*:bytes=+1", "*A:bytes=+2"), Rule.Set("*A:bytes=+2", "A*:bytes=+1"));

    [Fact]
    public void Notes_RuleBehindAWiderOne_IsNeverUsed()
    {
        var set = Rule.Set(
            "Arch*:bytes=+1", "Archive/Old:bytes=+2", "Arch*/x:bytes=+3", "*A:bytes=+4", "Arc?:bytes=+5");
        Assert.Equal(
            [
                "Archive/Old is never used: Arch* comes first and matches it; put Archive/Old before it",
                "Arch*/x is never used: Arch* comes first and matches it; put Arch*/x before it",
            ],
            set.Notes);
        Assert.Empty(Rule.Set("Spam?:ignore", "Spam*:ignore", "*:bytes=5").Notes);
    }

    [Theory]
    [InlineData("*:storage=1G:messages=2", "*:bytes=1073741824:messages=2")]
    [InlineData("?:bytes=5", "?:bytes=5")]
    [InlineData("Trash:storage=10", "Trash:bytes=+10240")]
    [InlineData("Trash:storage=-10%%", "Trash:bytes=-10%")]
    [InlineData("inbox:ignore", "INBOX:ignore")]
    [InlineData("*:ignore", "*:ignore")]
    [InlineData("Trash:bytes=unlimited", "Trash:bytes=unlimited")]
    public void ToString_Rule_IsOneWayOfWriting(string text, string written) =>
        Assert.Equal(written, Rule.Of(text).ToString());

    [Theory]
    [InlineData("Trash:storage=+10M")]
    [InlineData("Trash:storage=-1GB:messages=+5")]
    [InlineData("*:storage=1 GiB")]
    [InlineData("Trash:storage=+10%%")]
    public void Notes_PlainRule_None(string text) => Assert.Empty(Rule.Of(text).Notes);

    [Theory]
    [InlineData("Trash:storage=10M", "column 15: 10M is added to the default limit; write storage=+10M")]
    [InlineData("*:bytes=1:storage=2", "column 11: storage gives again what was given; the last one counts")]
    [InlineData("*:storage=1Months", "column 12: 'Months' is read as M; write M alone")]
    [InlineData("A.B:ignore", "column 1: A.B is read as A/B; folder levels are written with '/'")]
    public void Notes_SurprisingRule_SayHowItIsRead(string text, string note) =>
        Assert.Equal([note], Rule.Of(text).Notes);
}
