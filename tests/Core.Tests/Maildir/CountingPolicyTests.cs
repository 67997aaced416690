using System.Text;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Core.Tests.Maildir;

/// <summary>What each policy counts apart from names.</summary>
public sealed class CountingPolicyTests
{
    [Theory]
    [InlineData("maildir++", "maildir++")]
    [InlineData("MAILDIR++", "maildir++")]
    [InlineData("Dovecot", "dovecot")]
    [InlineData("exim", "exim")]
    [InlineData("courier", null)]
    [InlineData("", null)]
    public void Find_Name_IgnoresCase(string name, string? found) =>
        Assert.Equal(found, CountingPolicy.Find(name)?.Name);

    [Theory]
    [InlineData("", true, true)]
    [InlineData(".Trash", false, true)]
    [InlineData(".trash", true, true)]
    [InlineData(".Trash.sub", true, true)]
    [InlineData("..Trash", true, true)]
    public void CountsFolder_Name_OnlyCourierLeavesOutTrash(string folder, bool courier, bool dovecot)
    {
        Assert.Equal(courier, CountingPolicy.MaildirPlusPlus.CountsFolder(Encoding.ASCII.GetBytes(folder)));
        Assert.Equal(dovecot, CountingPolicy.Dovecot.CountsFolder(Encoding.ASCII.GetBytes(folder)));
    }

    [Theory]
    [InlineData("maildir++", true, EntryKind.File, 1000, 2, 1000L)]
    [InlineData("exim", true, EntryKind.File, 1000, 2, 500L)]
    [InlineData("exim", true, EntryKind.File, 1000, 0, 1000L)]
    [InlineData("dovecot", true, EntryKind.Directory, 4096, 2, 4096L)]
    [InlineData("exim", true, EntryKind.Directory, 4096, 2, 0L)]
    [InlineData("maildir++", true, EntryKind.Other, 7, 1, 0L)]
    [InlineData("maildir++", false, EntryKind.File, 0, 0, null)]
    [InlineData("dovecot", false, EntryKind.File, 0, 0, null)]
    [InlineData("exim", false, EntryKind.File, 0, 0, 0L)]
    public void TrySize_Stat_CountsAsTheProgramDoes(
        string policy, bool exists, EntryKind kind, long size, long links, long? expected)
    {
        var counted = CountingPolicy.Find(policy)!.TrySize(new MessageStat(exists, kind, size, links), out var bytes);

        Assert.Equal(expected is not null, counted);
        Assert.Equal(expected ?? 0, bytes);
    }

    [Fact]
    public void WithoutTrustedNames_Policy_ChangesNothingElse() =>
        Assert.Equal(
            CountingPolicy.Exim,
            CountingPolicy.Exim.WithoutTrustedNames() with { SizeReading = SizeReading.FirstDigits });
}
