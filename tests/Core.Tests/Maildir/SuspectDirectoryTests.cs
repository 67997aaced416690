using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Core.Tests.Maildir;

/// <summary>What nobody can follow is counted again, at the latest after the count that is under way.</summary>
public sealed class SuspectDirectoryTests
{
    private readonly MailboxIndex _index =
        new(CountingPolicy.MaildirPlusPlus, new NameHash(1, 2), null!, new FreshNames(16));

    [Fact]
    public void SuspectDirectory_Counted_IsCountedAgain()
    {
        var directory = Counted(1);

        _index.SuspectDirectory(directory);

        Assert.True(_index.HasSuspects);
        Assert.True(_index.IsExact);
        _index.BeginCounts(all: false);
        Assert.False(_index.IsExact);
        Assert.False(_index.HasSuspects);
        Assert.Equal(directory, _index.NextToScan());
    }

    [Fact]
    public void SuspectDirectory_WhileBeingCounted_IsCountedOnceMore()
    {
        var directory = Counted(1);
        _index.BeginCount(directory);
        _index.SuspectDirectory(directory);
        Finish(directory, 2);

        Assert.True(_index.IsExact);
        Assert.True(_index.HasSuspects);
    }

    [Fact]
    public void SuspectDirectory_Unknown_IsNothing()
    {
        _index.SuspectDirectory(4711);

        Assert.False(_index.HasSuspects);
    }

    private int Counted(long ticket)
    {
        var directory = _index.AddDirectory(new MaildirFolder([], 0));
        Finish(directory, ticket);
        Assert.True(_index.IsExact);
        return directory;
    }

    private void Finish(int directory, long ticket)
    {
        _index.ScanDone(directory);
        _index.MarkFence(ticket);
        _index.FencePassed(ticket);
    }
}
