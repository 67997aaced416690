using MaildirQuotaWatcher.Daemon.Tests.Warnings;
using MaildirQuotaWatcher.Limits;
using Microsoft.Data.Sqlite;

namespace MaildirQuotaWatcher.Daemon.Tests.Limits;

public sealed class LimitStoreTests : IDisposable
{
    private readonly ScriptDirectory _dir = new();

    public void Dispose() => _dir.Dispose();

    [Fact]
    public void Write_Reopen_ReadsTheSame()
    {
        using (var store = LimitStore.Open(_dir.State, _dir.Log))
        {
            Assert.Empty(store.ReadAll("sql:/a"));
            store.Write([new("rj\né'", FakeSource.Rule("*:storage=1G")), new("b", UserFields.Empty),
                new("gone", UserFields.Empty)]);
            store.Write([new("gone", null)]);
        }

        using var again = LimitStore.Open(_dir.State, _dir.Log);
        var all = again.ReadAll("sql:/a");
        Assert.Equal(FakeSource.Rule("*:storage=1G"), all["rj\né'"]);
        Assert.Same(UserFields.Empty, all["b"]);
        Assert.Equal(2, all.Count);
    }

    [Fact]
    public void ReadAll_OfOtherSources_IsForgotten()
    {
        using var store = LimitStore.Open(_dir.State, _dir.Log);
        store.ReadAll("sql:/a");
        store.Write([new("rj", UserFields.Empty)]);
        Assert.Single(store.ReadAll("sql:/a"));
        Assert.Empty(store.ReadAll("sql:/b"));
        Assert.Empty(store.ReadAll("sql:/a"));
    }

    [Fact]
    public void ReadAll_DamagedRow_IsLeftOutAndTold()
    {
        using var store = LimitStore.Open(_dir.State, _dir.Log);
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
}
