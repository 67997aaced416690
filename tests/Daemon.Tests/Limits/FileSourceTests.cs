using MaildirQuotaWatcher.Daemon.Tests.Linux;
using MaildirQuotaWatcher.Daemon.Tests.Warnings;
using MaildirQuotaWatcher.Limits;

namespace MaildirQuotaWatcher.Daemon.Tests.Limits;

public sealed class FileSourceTests : IDisposable
{
    private readonly ScriptDirectory _dir = new();

    public void Dispose() => _dir.Dispose();

    [Fact]
    public async Task PasswdFile_ExtraFields_AreFound()
    {
        Write("users", """
            # comment
            :nobody
            rj:{PLAIN}s:1000:1000::/home/rj::userdb_quota_rule=*:storage=1G  quota_rule2=Trash:ignore userdb_mail=maildir:~/M
            plain:{PLAIN}s:1000:1000::/home/p:/bin/sh
            old:{PLAIN}s:1000:1000::/home/o:::maildir:quota_rule=*:storage=1G
            short
            *:{PLAIN}s:1:1::::userdb_quota_rule=*:storage=5G
            rj:{PLAIN}other:1:1::::userdb_quota_rule=*:storage=9G
            """);
        await using var source = Source("passwd-file:", "users");
        Assert.Equal("quota_rule=*:storage=1G quota_rule2=Trash:ignore", await Find(source, "rj"));
        Assert.Equal("", await Find(source, "plain"));
        Assert.Equal("", await Find(source, "old"));
        Assert.Equal("", await Find(source, "short"));
        Assert.Null(await Find(source, "other"));
        Assert.Equal(5, (await source.ReadAllAsync(default))!.Count);
        var line = Assert.Single(_dir.Lines);
        Assert.Contains(":8: user rj is there more than once", line);
        Assert.DoesNotContain("PLAIN", line);
    }

    [Fact]
    public async Task PasswdFile_OneADomain_IsLookedUpByTheLocalPart()
    {
        Directory.CreateDirectory(Path.Combine(_dir.Path, "ex.test"));
        Write("ex.test/users", "rj:x::::::userdb_quota_rule=*:storage=1G");
        await using var source = Source("passwd-file:", "%d/users");
        Assert.Equal("quota_rule=*:storage=1G", await Find(source, "rj@ex.test"));
        Assert.Null(await Find(source, "rj"));
        Assert.Null(await Find(source, "rj@.."));
        Assert.Null(await Find(source, "rj@../ex.test"));
        Assert.Null(await source.ReadAllAsync(default));
        Assert.Equal([Path.Combine(_dir.Path, "ex.test/users")], source.Files);
        File.Delete(source.Files[0]);
        var e = await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj@ex.test", default));
        Assert.Contains("is not there", e.Message);
        Assert.True(e.OnlyThisUser);
    }

    [Fact]
    public async Task LimitsFile_UserDomainAndEverybody_InThatOrder()
    {
        Write("limits", """
            rj@ex.test  *:storage=1G "Sent Items:storage=+10%" quota_over_flag=yes   # comment
            "two words" *:storage=3G
            @ex.TEST *:storage=2G
            * *:messages=10
            """);
        await using var source = Source("file:", "limits");
        Assert.Equal("quota_rule=*:storage=1G quota_rule2=Sent Items:storage=+10% quota_over_flag=yes",
            await Find(source, "rj@ex.test"));
        Assert.Equal("quota_rule=*:storage=3G", await Find(source, "two words"));
        Assert.Equal("quota_rule=*:storage=2G", await Find(source, "somebody@Ex.test"));
        Assert.Equal("quota_rule=*:messages=10", await Find(source, "root"));
        Assert.Null(await Find(source, "no-such-account"));
        Assert.Null(await source.ReadAllAsync(default));
        Assert.Empty(_dir.Lines);
    }

    [Fact]
    public async Task LimitsFile_BadLines_AreToldOnceAndHideNobody()
    {
        Write("limits", "rj 5G\nalone\n\"open *:storage=1G\ngood *:storage=1G\ngood *:storage=2G\n");
        await using var source = Source("file:", "limits");
        Assert.Equal("quota_rule=*:storage=1G", await Find(source, "good"));
        var e = await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj", default));
        Assert.True(e.OnlyThisUser);
        Assert.Null(await source.ReadAllAsync(default));
        string[] told =
        [
            "limits:1: column 4: '5G' is no rule; write for example *:storage=1G",
            "limits:2: alone has no rule; write for example: alone *:storage=1G",
            "limits:3: column 1: the quote is not closed",
            "limits:5: good is there more than once; the first line counts",
        ];
        Assert.Equal(told.Length, _dir.Lines.Length);
        Assert.All(told.Zip(_dir.Lines), pair => Assert.Contains(pair.First, pair.Second));
        Write("limits", "rj 5G\nalone\n\"open *:storage=1G\ngood *:storage=1G\ngood *:storage=2G\nmore *:storage=1G\n");
        Assert.Equal("quota_rule=*:storage=1G", await Find(source, "more"));
        Assert.Equal(told.Length, _dir.Lines.Length);
    }

    [Fact]
    public async Task Userdb_FileOrDirectory_IsRead()
    {
        Directory.CreateDirectory(Path.Combine(_dir.Path, "userdb/ex.test"));
        Write("userdb/all", "# c\nrj\tuid=1|home=/h|quota=10000000S,1000C\nno\tuid=1\nbad secret\n");
        Write("userdb/ex.test/x", "a@ex.test\tquota=5C|uid=1\n");
        Write("userdb/.hidden", "h\tquota=5C\n");
        await using var source = Source("userdb:", "userdb");
        Assert.Equal("quota_rule=*:backend=10000000S,1000C", await Find(source, "rj"));
        Assert.Equal("quota_rule=*:backend=5C", await Find(source, "a@ex.test"));
        Assert.Equal("", await Find(source, "no"));
        Assert.Null(await Find(source, "h"));
        var line = Assert.Single(_dir.Lines);
        Assert.Contains("all:4: there is no tab", line);
        Assert.DoesNotContain("secret", line);
    }

    [Fact]
    public async Task Find_ChangedFile_IsReadAgain_AndAGoneOneIsAnError()
    {
        Write("limits", "rj *:storage=1G\n");
        await using var source = Source("file:", "limits");
        Assert.Equal("quota_rule=*:storage=1G", await Find(source, "rj"));
        Write("limits", "rj *:storage=10G\n");
        Assert.Equal("quota_rule=*:storage=10G", await Find(source, "rj"));
        Write("limits", "");
        var e = await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj", default));
        Assert.Equal($"{source.Files[0]} is empty; if that is meant, write into it: # none", e.Message);
        Write("limits", "# none\n");
        Assert.Null(await Find(source, "rj"));
        File.Delete(source.Files[0]);
        e = await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj", default));
        Assert.Equal($"{source.Files[0]} is not there; create it, or name another", e.Message);
    }

    [Fact]
    public async Task Find_NoTextOrOnlyBadLines_IsAnErrorOrSaidInFewLines()
    {
        Write("limits", "rj *:storage=1G\n\0\0\0\0");
        await using var source = Source("file:", "limits");
        var e = await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj", default));
        Assert.Contains("is no text", e.Message);
        Write("limits", string.Concat(Enumerable.Repeat("rj 5G\n", 1000)));
        await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj", default));
        Assert.Equal(21, _dir.Lines.Length);
        Assert.Contains("980 more lines are bad", _dir.Lines[^1]);
    }

    [Fact]
    public async Task Find_Fifo_IsAnErrorAtOnce_AlsoBehindALinkAndInADirectory()
    {
        var fifo = Path.Combine(_dir.Path, "limits");
        Shell.Run("mkfifo", fifo);
        File.CreateSymbolicLink(Path.Combine(_dir.Path, "link"), fifo);
        foreach (var name in new[] { "limits", "link", "" })
        {
            await using var source = Source("file:", name);
            var e = await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj", default));
            Assert.Contains("is no regular file", e.Message);
        }
    }

    [Fact]
    public void ReadLines_FileThatGrowsMeanwhile_IsReadAgain_AndNeverGivenByHalves()
    {
        var path = Path.Combine(_dir.Path, "limits");
        File.WriteAllText(path, "a\n");
        var reads = 0;
        var lines = LimitFile.ReadLines(path, file => ReadAndAppend(file, ++reads < 3 ? "b\n" : ""));
        Assert.Equal((3, "a b b "), (reads, string.Join(' ', lines)));
        var e = Assert.Throws<LimitSourceException>(
            () => LimitFile.ReadLines(path, static file => ReadAndAppend(file, "c\n")));
        Assert.Contains("changes while it is read", e.Message);
    }

    [Fact]
    public async Task ReadAll_SameRules_ShareOneObject()
    {
        Write("limits", "a *:storage=1G\nb *:storage=1G\n");
        await using var source = Source("file:", "limits");
        var all = await source.ReadAllAsync(default);
        Assert.Same(all!["a"], all["b"]);
    }

    private static string ReadAndAppend(string file, string more)
    {
        var text = File.ReadAllText(file);
        File.AppendAllText(file, more);
        return text;
    }

    private static async Task<string?> Find(ILimitSource source, string user) =>
        (await source.FindAsync(user, default))?.ToString();

    private ILimitSource Source(string kind, string name)
    {
        Assert.True(LimitSourceSpec.TryParse(kind + Path.Combine(_dir.Path, name), out var spec, out var error), error);
        return spec.Create(_dir.Log);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_dir.Path, name), text);
}
