using System.Text;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Core.Tests.Maildir;

/// <summary>The parts of a message name, beyond the vectors.</summary>
public sealed class MessageNameTests
{
    [Theory]
    [InlineData("1.a.h,S=5:2,S", "1.a.h,S=5")]
    [InlineData("1.a.h,S=5", "1.a.h,S=5")]
    [InlineData(":2,S", "")]
    [InlineData("", "")]
    public void UniqueName_Name_EndsAtTheFirstColon(string name, string unique) =>
        Assert.Equal(unique, Encoding.Latin1.GetString(MessageName.UniqueName(Encoding.Latin1.GetBytes(name))));

    [Theory]
    [InlineData("1700000000.M1P2.host:2,S", 1700000000)]
    [InlineData("0001.a", 1)]
    [InlineData("0.a", 0)]
    [InlineData("17", 17)]
    [InlineData("999999999999999.a", 999999999999999)]
    [InlineData("1000000000000000.a", -1)]
    [InlineData("-5.a", -1)]
    [InlineData("a1", -1)]
    [InlineData("", -1)]
    public void DeliveredAt_Name_IsItsLeadingDigits(string name, long seconds) =>
        Assert.Equal(seconds, MessageName.DeliveredAt(Encoding.Latin1.GetBytes(name)));

    [Fact]
    public void Read_NeverTrusting_StillLeavesOutWhatThePolicyDoes()
    {
        var policy = CountingPolicy.MaildirPlusPlus.WithoutTrustedNames();

        Assert.Equal(MessageSizing.NotCounted, MessageName.Read("1.a,S=5:2,ST"u8, policy, out _));
        Assert.Equal(MessageSizing.NotCounted, MessageName.Read(".1.a,S=5"u8, policy, out _));
        Assert.Equal(MessageSizing.NeedsStat, MessageName.Read("1.a,S=5:2,S"u8, policy, out var bytes));
        Assert.Equal(0, bytes);
    }

    [Fact]
    public void Read_EmptyName_NeedsStat() =>
        Assert.Equal(MessageSizing.NeedsStat, MessageName.Read(default, CountingPolicy.MaildirPlusPlus, out _));

    [Fact]
    public void Read_ManyTimes_AllocatesNothing()
    {
        var name = "1700000000.M1P2.host,S=1234,W=1300:2,S"u8;
        var policy = CountingPolicy.MaildirPlusPlus;
        MessageName.Read(name, policy, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            MessageName.Read(name, policy, out _);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
