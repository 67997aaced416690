using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Users;

namespace MaildirQuotaWatcher.Daemon.Tests.Users;

public sealed class GroupUsageTests
{
    private static readonly UserRoot Root = new(RootSettings.User, RuleSet.Empty, [], Grace.Default);

    private readonly List<(string Group, Usage Usage)> _told = [];
    private readonly List<long> _limits = [];
    private readonly GroupUsage _groups;

    public GroupUsageTests() => _groups = new GroupUsage((group, usage, root) =>
    {
        _told.Add((group, usage));
        _limits.Add(root.Limit.Bytes);
    });

    [Fact]
    public void Accept_BeforeEverybodyIsCounted_TellsNobody()
    {
        _groups.Accept(1, "a.test", new Usage(100, 1), Root);
        Assert.Empty(_told);
        _groups.Accept(2, "a.test", new Usage(50, 2), Root);
        _groups.Begin();
        Assert.Equal([("a.test", new Usage(150, 3))], _told);
    }

    [Fact]
    public void Accept_Changes_ReplaceWhatTheMailboxHeldBefore()
    {
        _groups.Begin();
        _groups.Accept(1, "a.test", new Usage(100, 1), Root);
        _groups.Accept(2, "b.test", new Usage(7, 1), Root);
        _groups.Accept(1, "a.test", new Usage(30, 3), Root);
        Assert.Equal(new Usage(30, 3), _groups.Of("a.test").Usage);
        Assert.Equal(new Usage(7, 1), _groups.Of("b.test").Usage);
        Assert.Equal(("a.test", new Usage(30, 3)), _told[^1]);
    }

    [Fact]
    public void Accept_MailboxOfAnotherGroupNow_LeavesNothingBehind()
    {
        _groups.Begin();
        _groups.Accept(1, "a.test", new Usage(100, 1), Root);
        _groups.Accept(1, "b.test", new Usage(100, 1), Root);
        Assert.Equal([("a.test", new Usage(100, 1)), ("a.test", Usage.Zero), ("b.test", new Usage(100, 1))], _told);
        Assert.Equal(Usage.Zero, _groups.Of("a.test").Usage);
    }

    [Fact]
    public void Forget_GoneMailbox_IsTakenOff()
    {
        _groups.Accept(1, "a.test", new Usage(100, 1), Root);
        _groups.Accept(2, "a.test", new Usage(5, 1), Root);
        _groups.Begin();
        _groups.Forget(1);
        _groups.Forget(1);
        Assert.Equal(("a.test", new Usage(5, 1)), _told[^1]);
        Assert.Equal(2, _told.Count);
    }

    /// <summary>A changed limit reaches the members one after the other, and they get mail by turns meanwhile.</summary>
    [Theory]
    [InlineData(1000, 500)]
    [InlineData(500, 1000)]
    [InlineData(0, 500)]
    [InlineData(500, 0)]
    public void Accept_LimitThatReachesTheMembersOverTime_ChangesOnce(long old, long later)
    {
        _groups.Begin();
        for (var mailbox = 1; mailbox <= 4; mailbox++)
            _groups.Accept(mailbox, "a.test", Usage.Zero, RootOf(old));
        for (var told = 0; told <= 4; told++)
            for (var mailbox = 1; mailbox <= 8; mailbox++)
                _groups.Accept(
                    1 + (mailbox % 4), "a.test", new Usage(10 * told + mailbox, 1),
                    RootOf(mailbox % 4 < told ? later : old));
        Assert.Equal([old, later], _limits.Where((limit, at) => at == 0 || _limits[at - 1] != limit));
    }

    [Fact]
    public void Accept_MembersThatDisagree_TheLargestHolds_WhileItsMemberIsThere()
    {
        _groups.Begin();
        _groups.Accept(1, "a.test", new Usage(100, 1), RootOf(500));
        _groups.Accept(2, "a.test", new Usage(100, 1), RootOf(1000));
        _groups.Accept(1, "a.test", new Usage(200, 1), RootOf(500));
        _groups.Accept(3, "a.test", new Usage(7, 1), null);
        _groups.Forget(2);
        Assert.Equal([500, 1000, 1000, 1000, 500], _limits);
        Assert.Equal(("a.test", new Usage(207, 2)), _told[^1]);
    }

    private static UserRoot RootOf(long bytes)
    {
        Assert.True(QuotaRule.TryParse($"*:bytes={bytes}", out var rule, out _));
        return Root with { Rules = RuleSet.Create([rule]) };
    }

    [Fact]
    public void Of_HugeMailboxes_SaturatesAndComesBack()
    {
        _groups.Accept(1, "a.test", new Usage(long.MaxValue, 1), Root);
        _groups.Accept(2, "a.test", new Usage(long.MaxValue, 1), Root);
        Assert.Equal(long.MaxValue, _groups.Of("a.test").Usage.Bytes);
        _groups.Accept(1, "a.test", new Usage(1, 1), Root);
        _groups.Accept(2, "a.test", new Usage(2, 1), Root);
        Assert.Equal(3, _groups.Of("a.test").Usage.Bytes);
    }
}
