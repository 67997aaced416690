using System.Text;
using MaildirQuotaWatcher.Daemon.Tests.Linux;
using MaildirQuotaWatcher.Daemon.Tests.Running;
using MaildirQuotaWatcher.Daemon.Tests.Warnings;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Linux;

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
        Assert.Equal("*:storage=1G Sent Items:storage=+10% quota_over_flag=yes",
            await Find(source, "rj@ex.test"));
        Assert.Equal("*:storage=3G", await Find(source, "two words"));
        Assert.Equal("*:storage=2G", await Find(source, "somebody@Ex.test"));
        Assert.Equal("*:messages=10", await Find(source, "root"));
        Assert.Null(await Find(source, "no-such-account"));
        Assert.Null(await source.ReadAllAsync(default));
        Assert.Empty(_dir.Lines);
    }

    [Fact]
    public async Task LimitsFile_BadLines_AreToldOnceAndHideNobody()
    {
        var others = string.Concat(Enumerable.Range(0, 5).Select(i => $"u{i} *:storage=1G\n"));
        var bad = "rj 5G\nalone\n\"open *:storage=1G\ngood *:storage=1G\ngood *:storage=2G\n" + others;
        Write("limits", bad);
        await using var source = Source("file:", "limits");
        Assert.Equal("*:storage=1G", await Find(source, "good"));
        var e = await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj", default));
        Assert.True(e.OnlyThisUser);
        Assert.Null(await source.ReadAllAsync(default));
        string[] told =
        [
            "limits:1: column 4: '5G' is no rule; column 1: Invalid rule: it has no ':' between mask and limits; write",
            "limits:2: alone has no rule; write for example: alone *:storage=1G",
            "limits:3: column 1: the quote is not closed",
            "limits:5: good is there more than once; the first line counts",
        ];
        Assert.Equal(told.Length, _dir.Lines.Length);
        Assert.All(told.Zip(_dir.Lines), pair => Assert.Contains(pair.First, pair.Second));
        Write("limits", bad + "more *:storage=1G\n");
        Assert.Equal("*:storage=1G", await Find(source, "more"));
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
        Assert.Equal("*:backend=10000000S,1000C", await Find(source, "rj"));
        Assert.Equal("*:backend=5C", await Find(source, "a@ex.test"));
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
        Assert.Equal("*:storage=1G", await Find(source, "rj"));
        Write("limits", "rj *:storage=10G\n");
        Assert.Equal("*:storage=10G", await Find(source, "rj"));
        Write("limits", "");
        var e = await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj", default));
        Assert.Equal($"{source.Files[0]} is empty; if that is meant, write into it: # none", e.Message);
        Write("limits", "# none\n");
        Assert.Null(await Find(source, "rj"));
        File.Delete(source.Files[0]);
        e = await Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj", default));
        Assert.Equal($"{source.Files[0]} is not there; create it, or name another", e.Message);
    }

    /// <summary>What a crash or a full disk leaves behind, found by a restart.</summary>
    [Fact]
    public async Task Find_EmptyFile_IsAnErrorAtTheFirstReading_UntilItIsSaidToBeMeant()
    {
        Write("limits", "");
        await using var source = Source("file:", "limits");
        Assert.Contains("is empty; if that is meant", (await FailAsync(source)).Message);
        source.Believe();
        Assert.Null(await Find(source, "rj"));
    }

    [Fact]
    public async Task Find_NoText_IsAnError()
    {
        Write("limits", "rj *:storage=1G\n\0\0\0\0");
        await using var source = Source("file:", "limits");
        Assert.Contains("is no text", (await FailAsync(source)).Message);
    }

    [Fact]
    public async Task Find_ManyBadLines_AreSaidInFewLines()
    {
        Write("limits", string.Concat(Enumerable.Range(0, 2000).Select(i => i % 2 == 0 ? "rj 5G\n" : $"u{i} *:storage=1G\n")));
        await using var source = Source("file:", "limits");
        Assert.True((await FailAsync(source)).OnlyThisUser);
        Assert.Equal(21, _dir.Lines.Length);
        Assert.Contains("980 more lines are bad", _dir.Lines[^1]);
    }

    /// <summary>What begins as text, or as nothing that is known: nobody falls back to everybody's limit.</summary>
    [Theory]
    [InlineData("passwd-file:", "rj:x::::::userdb_quota_rule=*:storage=1G\n")]
    [InlineData("file:", "rj *:storage=1G\n")]
    [InlineData("userdb:", "rj\tquota=5C\n")]
    public async Task Find_Garbage_IsAnError_AlsoAtTheFirstReading(string kind, string sound)
    {
        var garbage = new byte[20_000];
        new Random(1).NextBytes(garbage);
        for (var i = 0; i < garbage.Length; i++)
            garbage[i] = garbage[i] == 0 ? (byte)1 : garbage[i];
        foreach (var before in (string?[])[null, sound])
        {
            await using var source = Source(kind, "limits");
            if (before is not null)
            {
                Write("limits", before);
                Assert.NotNull(await Find(source, "rj"));
            }

            Write("limits", garbage);
            var e = await FailAsync(source);
            Assert.False(e.OnlyThisUser);
            Assert.Contains("lines are bad", e.Message);
            Assert.InRange(e.Message.Length, 1, 600);
            Write("limits", sound);
            Assert.NotNull(await Find(source, "rj"));
        }

        Assert.Empty(_dir.Lines);
    }

    [Fact]
    public async Task Find_FarFewerUsersThanBefore_IsAnError_UntilItIsSaidToBeMeant()
    {
        Write("limits", string.Concat(Enumerable.Range(0, 10).Select(i => $"u{i} *:storage=1G\n")));
        await using var source = Source("file:", "limits");
        Assert.NotNull(await Find(source, "u0"));
        Write("limits", string.Concat(Enumerable.Range(0, 5).Select(i => $"u{i} *:storage=1G\n")));
        Assert.Null(await Find(source, "u9"));
        foreach (var text in (string[])["u0 *:storage=1G\nu1 *:storage=1G\n", "# none\n", "\n"])
        {
            Write("limits", text);
            Assert.Contains("; if that is meant, run: maildir-quota-watcher refresh --force", (await FailAsync(source)).Message);
        }

        source.Believe();
        Assert.Null(await Find(source, "u0"));
    }

    [Fact]
    public async Task Find_FileThatIsBeingWritten_IsReadWhenThatIsDone()
    {
        Write("limits", "rj *:storage=1G\n");
        await using var source = Source("file:", "limits");
        Assert.NotNull(await Find(source, "rj"));
        using (var writer = new StreamWriter(Path.Combine(_dir.Path, "limits")) { AutoFlush = true })
        {
            writer.Write("a *:storage=1G\n");
            var e = await FailAsync(source);
            Assert.True(e.IsBeingWritten);
            Assert.Contains("is being written", e.Message);
        }

        Write("limits", "rj *:storage=2G\n");
        Assert.Equal("*:storage=2G", await Find(source, "rj"));
    }

    [Fact]
    public async Task Find_FileJustRemoved_IsTakenForOneThatIsWrittenAnew_AndThenForGone()
    {
        Write("limits", "rj *:storage=1G\n");
        await using var source = Source("file:", "limits");
        Assert.NotNull(await Find(source, "rj"));
        File.Delete(Path.Combine(_dir.Path, "limits"));
        Directory.SetLastWriteTimeUtc(_dir.Path, DateTime.UtcNow.AddSeconds(2));
        var e = await FailAsync(source);
        Assert.True(e.IsBeingWritten);
        Assert.Contains("limits is not there; create it", e.Message);
        Directory.SetLastWriteTimeUtc(_dir.Path, DateTime.UtcNow.AddMinutes(-1));
        e = await FailAsync(source);
        Assert.False(e.IsBeingWritten);
        Assert.Contains("limits is not there; create it", e.Message);
    }

    [Fact]
    public async Task Find_OneOfSeveralFilesJustRemoved_ItsUsersKeepTheirLimits_UntilItIsGoneForGood()
    {
        Directory.CreateDirectory(Path.Combine(_dir.Path, "all"));
        Write("all/a", "rj *:storage=1G\n");
        Write("all/b", "al *:storage=2G\n");
        await using var source = Source("file:", "all");
        Assert.NotNull(await Find(source, "rj"));
        File.Move(Path.Combine(_dir.Path, "all/a"), Path.Combine(_dir.Path, "a~"));
        Directory.SetLastWriteTimeUtc(Path.Combine(_dir.Path, "all"), DateTime.UtcNow.AddSeconds(2));
        Assert.True((await FailAsync(source)).IsBeingWritten);
        Directory.SetLastWriteTimeUtc(Path.Combine(_dir.Path, "all"), DateTime.UtcNow.AddMinutes(-1));
        Assert.Null(await Find(source, "rj"));
        Assert.Equal("*:storage=2G", await Find(source, "al"));
    }

    [Theory]
    [InlineData(22)]
    [InlineData(13)]
    public void ReadLines_WithoutLeases_WaitsUntilTheFileHasSettled(int errno)
    {
        var path = Path.Combine(_dir.Path, "limits");
        File.WriteAllText(path, "a\nb");
        Assert.True(Assert.Throws<LimitSourceException>(() => Read()).IsBeingWritten);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-1));
        Assert.Equal(["a", "b"], Read());
        // A server whose clock is ahead.
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(1));
        Assert.Equal(["a", "b"], Read());
        foreach (var age in (int[])[0, 60])
            Assert.True(Assert.Throws<LimitSourceException>(() => Read(() =>
            {
                File.AppendAllText(path, "c");
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(-age));
            })).IsBeingWritten);

        IReadOnlyList<string> Read(Action? meanwhile = null) => LimitFile.ReadLines(path, _ =>
        {
            meanwhile?.Invoke();
            return new(errno);
        });
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
    public async Task Find_LinksThatLeadUpwards_EachFileIsReadOnce()
    {
        Directory.CreateDirectory(Path.Combine(_dir.Path, "all/.hidden"));
        Write("all/a", "rj *:storage=1G\n");
        Write("all/.hidden/b", "other *:storage=1G\n");
        Directory.CreateDirectory(Path.Combine(_dir.Path, "elsewhere"));
        Write("elsewhere/c", "linked *:storage=1G\n");
        Directory.CreateSymbolicLink(Path.Combine(_dir.Path, "all/x"), ".");
        Directory.CreateSymbolicLink(Path.Combine(_dir.Path, "all/y"), "../all");
        Directory.CreateSymbolicLink(Path.Combine(_dir.Path, "all/z"), "../elsewhere");
        await using var source = Source("file:", "all");
        Assert.Equal(["linked", "rj"], (await source.ReadAllAsync(default))!.Keys.Order());
        Assert.Empty(_dir.Lines);
    }

    [Fact]
    public async Task Find_FileLargerThanMemory_IsAnErrorAtOnce()
    {
        using (var file = File.Create(Path.Combine(_dir.Path, "limits")))
            file.SetLength(1L << 40);
        await using var source = Source("file:", "limits");
        Assert.Contains("split it", (await FailAsync(source)).Message);
    }

    [Fact]
    public async Task ReadAll_SameRules_ShareOneObject()
    {
        Write("limits", "a *:storage=1G\nb *:storage=1G\n");
        await using var source = Source("file:", "limits");
        var all = await source.ReadAllAsync(default);
        Assert.Same(all!["a"], all["b"]);
    }

    private static Task<LimitSourceException> FailAsync(ILimitSource source) =>
        Assert.ThrowsAsync<LimitSourceException>(() => source.FindAsync("rj", default));

    private static async Task<string?> Find(ILimitSource source, string user) =>
        (await source.FindAsync(user, default))?.ToString();

    private ILimitSource Source(string kind, string name)
    {
        Assert.True(LimitSourceSpec.TryParse(kind + Path.Combine(_dir.Path, name), out var spec, out var error), error);
        return spec.Create(_dir.Log);
    }

    private void Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    private void Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_dir.Path, name);
        File.WriteAllBytes(path, bytes);
        // A test beside us that starts a process has our open file in it for a moment.
        Poll.Until(() =>
        {
            using var file = File.OpenHandle(path);
            return Lease.TakeRead(file.DangerousGetHandle().ToInt32()).IsOk;
        }, () => $"{path} stays open");
    }
}
