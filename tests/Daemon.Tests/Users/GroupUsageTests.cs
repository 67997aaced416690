using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Users;

namespace MaildirQuotaWatcher.Daemon.Tests.Users;

public sealed class GroupUsageTests
{
    private static readonly UserRoot Root = new(RootSettings.User, RuleSet.Empty, [], Grace.Default);

    private readonly List<(string Group, Usage Usage)> _told = [];
    private readonly GroupUsage _groups;

    public GroupUsageTests() => _groups = new GroupUsage((group, usage, _) => _told.Add((group, usage)));

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
        Assert.Equal(new Usage(30, 3), _groups.Of("a.test"));
        Assert.Equal(new Usage(7, 1), _groups.Of("b.test"));
        Assert.Equal(("a.test", new Usage(30, 3)), _told[^1]);
    }

    [Fact]
    public void Accept_MailboxOfAnotherGroupNow_LeavesNothingBehind()
    {
        _groups.Begin();
        _groups.Accept(1, "a.test", new Usage(100, 1), Root);
        _groups.Accept(1, "b.test", new Usage(100, 1), Root);
        Assert.Equal([("a.test", new Usage(100, 1)), ("a.test", Usage.Zero), ("b.test", new Usage(100, 1))], _told);
        Assert.Equal(Usage.Zero, _groups.Of("a.test"));
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

    [Fact]
    public void Of_HugeMailboxes_SaturatesAndComesBack()
    {
        _groups.Accept(1, "a.test", new Usage(long.MaxValue, 1), Root);
        _groups.Accept(2, "a.test", new Usage(long.MaxValue, 1), Root);
        Assert.Equal(long.MaxValue, _groups.Of("a.test").Bytes);
        _groups.Accept(1, "a.test", new Usage(1, 1), Root);
        _groups.Accept(2, "a.test", new Usage(2, 1), Root);
        Assert.Equal(3, _groups.Of("a.test").Bytes);
    }
}
