using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Accounting;

public sealed class ByPathTests
{
    private static readonly string[] Paths =
        ["/srv/a", "/srv/a!", "/srv/a/Maildir", "/srv/a/b/c", "/srv/a0", "/srv/ab", "/srv/b", "/srva", "/"];

    [Theory]
    [InlineData("/srv/a", "/srv/a /srv/a/Maildir /srv/a/b/c")]
    [InlineData("/srv/a/b", "/srv/a/b/c")]
    [InlineData("/srv", "/srv/a /srv/a! /srv/a/Maildir /srv/a/b/c /srv/a0 /srv/ab /srv/b")]
    [InlineData("/srv/a/b/c/d", "")]
    [InlineData("/sr", "")]
    public void AtOrBelow_IsWhatThePathLeadsTo_AndNotWhatBeginsWithItsLetters(string path, string expected)
    {
        var all = new ByPath<string>();
        foreach (var known in Paths)
            all.Add(BytePath.FromString(known), known);
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), all.AtOrBelow(BytePath.FromString(path)));
        Assert.Equal(Paths.Length, all.AtOrBelow(BytePath.FromString("/")).Count());
    }

    [Fact]
    public void Remove_Add_OnlyThePathItself()
    {
        var all = new ByPath<int>();
        var (upper, lower) = (BytePath.FromString("/a"), BytePath.FromString("/a/b"));
        all.Add(upper, 1);
        all.Add(lower, 2);
        Assert.Throws<ArgumentException>(() => all.Add(BytePath.FromString("/a"), 3));
        all.Remove(upper);
        all.Remove(upper);
        Assert.False(all.TryGet(upper, out _));
        Assert.True(all.TryGet(lower, out var two));
        Assert.Equal((2, 1), (two, all.Count));
    }
}
