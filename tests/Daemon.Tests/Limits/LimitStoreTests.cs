using MaildirQuotaWatcher.Daemon.Tests.State;
using MaildirQuotaWatcher.Daemon.Tests.Warnings;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.State;
using Microsoft.Data.Sqlite;

namespace MaildirQuotaWatcher.Daemon.Tests.Limits;

public sealed class LimitStoreTests : IDisposable
{
    private readonly ScriptDirectory _dir = new();

    public void Dispose() => _dir.Dispose();

    [Fact]
    public void Write_Reopen_ReadsTheSame()
    {
        using (var store = new LimitStore(_dir.State, _dir.Log))
        {
            Assert.Empty(store.ReadAll("sql:/a"));
            store.Write([new("rj\né'", FakeSource.Rule("*:storage=1G")), new("b", UserFields.Empty),
                new("gone", UserFields.Empty)]);
            store.Write([new("gone", null)]);
        }

        using var again = new LimitStore(_dir.State, _dir.Log);
        var all = again.ReadAll("sql:/a");
        Assert.Equal(FakeSource.Rule("*:storage=1G"), all["rj\né'"]);
        Assert.Same(UserFields.Empty, all["b"]);
        Assert.Equal(2, all.Count);
    }

    [Fact]
    public void Look_FromAnotherProcess_SeesWhatTheseSourcesSaid_AndWritesNothing()
    {
        Assert.Null(LimitStore.Look(_dir.State, "sql:/a", "rj"));
        Assert.False(File.Exists(Path.Combine(_dir.State, "limits.db")));
        using var store = new LimitStore(_dir.State, _dir.Log);
        store.ReadAll("sql:/a");
        store.Write([new("rj", FakeSource.Rule("*:storage=1G")), new("b", UserFields.Empty)]);
        Assert.Equal(FakeSource.Rule("*:storage=1G"), LimitStore.Look(_dir.State, "sql:/a", "rj"));
        Assert.Same(UserFields.Empty, LimitStore.Look(_dir.State, "sql:/a", "b"));
        Assert.Null(LimitStore.Look(_dir.State, "sql:/a", "anna"));
        Assert.Null(LimitStore.Look(_dir.State, "sql:/b", "rj"));

        using var other = new SqliteConnection($"Data Source={store.Path};Pooling=False");
        other.Open();
        StateFile.Execute(other, "UPDATE answer SET fields = CAST('quota_rule=*:storage=9G' AS BLOB)");
        Assert.Null(LimitStore.Look(_dir.State, "sql:/a", "rj"));
    }

    [Fact]
    public void ReadAll_OfOtherSources_IsForgotten()
    {
        using var store = new LimitStore(_dir.State, _dir.Log);
        store.ReadAll("sql:/a");
        store.Write([new("rj", UserFields.Empty)]);
        Assert.Single(store.ReadAll("sql:/a"));
        Assert.Empty(store.ReadAll("sql:/b"));
        Assert.Empty(store.ReadAll("sql:/a"));
    }

    [Fact]
    public void ReadAll_DamagedRow_IsLeftOutAndTold()
    {
        using var store = new LimitStore(_dir.State, _dir.Log);
        store.ReadAll("sql:/a");
        store.Write([new("rj", FakeSource.Rule("*:storage=1G")), new("ok", FakeSource.Rule("*:storage=2G"))]);
        using (var other = new SqliteConnection($"Data Source={store.Path};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "UPDATE answer SET fields = CAST('quota_rule=*:storage=9G' AS BLOB) "
                + "WHERE user = CAST('rj' AS BLOB)";
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        Assert.Equal("ok", Assert.Single(store.ReadAll("sql:/a")).Key);
        Assert.Contains(_dir.Lines, line => line.Contains("1 rows are damaged"));
    }

    [Fact]
    public void ReadAll_AfterRename_KeepsWhatTheOtherSourcesSaid()
    {
        using (var store = new LimitStore(_dir.State, _dir.Log))
        {
            store.ReadAll("sql:/a");
            store.Write([new("rj", UserFields.Empty)]);
            store.Rename("sql:/b");
            Assert.True(store.IsBehind);
            store.Write([]);
            Assert.False(store.IsBehind);
        }

        using var again = new LimitStore(_dir.State, _dir.Log);
        Assert.Equal("rj", Assert.Single(again.ReadAll("sql:/b")).Key);
    }

    [Theory]
    [InlineData("PRAGMA user_version = 99", "newer")]
    [InlineData("DROP TABLE origin", "damaged")]
    public void ReadAll_FileOfAnotherKind_IsSetAside_WithOneWarning_AndAFewAreKept(string change, string fault)
    {
        for (var i = 0; i < 6; i++)
        {
            using (var store = new LimitStore(_dir.State, _dir.Log))
            {
                Assert.Empty(store.ReadAll("sql:/a"));
                store.Write([new("rj", UserFields.Empty)]);
            }

            using var other = new SqliteConnection($"Data Source={_dir.State}/limits.db;Pooling=False");
            other.Open();
            StateFile.Execute(other, change);
        }

        var warnings = _dir.Lines.Where(line => line.StartsWith("Warning", StringComparison.Ordinal)).ToArray();
        Assert.Equal(5, warnings.Length);
        Assert.All(warnings, line => Assert.Contains($"{_dir.State}/limits.db\" is {fault}", line));
        Assert.Equal(3, Directory.GetFiles(_dir.State, $"limits.db.{fault}-*").Length);
        Assert.Equal(2, _dir.Lines.Count(line => line.Contains("is removed")));
    }

    [Fact]
    public void ReadAll_NoFileCanBeMade_IsSaidOnce_AndTriedAgain()
    {
        Directory.CreateDirectory(Path.Combine(_dir.State, "limits.db"));
        using var store = new LimitStore(_dir.State, _dir.Log);
        Assert.Empty(store.ReadAll("sql:/a"));
        Assert.Contains("limits.db", Assert.Single(_dir.Lines));
        Assert.Throws<StateException>(() => store.Write([new("rj", UserFields.Empty)]));
        Directory.Delete(store.Path);
        store.Write([new("rj", UserFields.Empty)]);
        Assert.Single(store.ReadAll("sql:/a"));
    }

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public void ReadAll_FullDisk_HasTheLastAnswers_AndStoresNewOnesWhenThereIsRoom(string type)
    {
        using var disk = new SmallDisk(_dir.State, type);
        using (var store = new LimitStore(_dir.State, _dir.Log))
        {
            store.ReadAll("sql:/a");
            store.Write([new("rj", FakeSource.Rule("*:storage=1G"))]);
        }

        disk.Fill();
        using (var store = new LimitStore(_dir.State, _dir.Log))
        {
            Assert.Equal("rj", Assert.Single(store.ReadAll("sql:/a")).Key);
            KeyValuePair<string, UserFields?>[] more = [new("long", FakeSource.Rule($"{new string('x', 100_000)}:ignore"))];
            Assert.Throws<StateException>(() => store.Write(more));
            disk.Free();
            store.Write(more);
            Assert.Equal(2, store.ReadAll("sql:/a").Count);
        }

        using var again = new LimitStore(_dir.State, _dir.Log);
        Assert.Equal(2, again.ReadAll("sql:/a").Count);
    }

    [Fact]
    public void ReadAll_FullDiskWithoutFile_IsSaidOnce_AndBegunWhenThereIsRoom()
    {
        using var disk = new SmallDisk(_dir.State, "tmpfs");
        disk.Fill();
        using (var store = new LimitStore(_dir.State, _dir.Log))
        {
            Assert.Empty(store.ReadAll("sql:/a"));
            Assert.Contains("limits.db", Assert.Single(_dir.Lines));
            disk.Free();
            store.Write([new("rj", UserFields.Empty)]);
        }

        using var again = new LimitStore(_dir.State, _dir.Log);
        Assert.Single(again.ReadAll("sql:/a"));
    }
}
