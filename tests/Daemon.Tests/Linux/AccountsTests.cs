using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class AccountsTests
{
    [Fact]
    public void All_Users_EqualGetent()
    {
        var expected = Shell.Run("getent", "passwd").Split('\n').Select(line => line.Split(':'))
            .Select(fields => new Account(fields[0], uint.Parse(fields[2]), uint.Parse(fields[3]), fields[5]));

        Assert.Equal(expected, Accounts.All());
        Assert.Equal(expected, Accounts.All());
    }

    [Fact]
    public void Find_AName_IsItsAccountOrNull()
    {
        Assert.Equal(0u, Accounts.Find("root")!.Uid);
        Assert.Null(Accounts.Find("no such user"));
    }

    [Fact]
    public void ProcessIdentity_Ours_EqualsId() =>
        Assert.Equal(Shell.Run("id", "-u"), ProcessIdentity.EffectiveUid.ToString());
}
