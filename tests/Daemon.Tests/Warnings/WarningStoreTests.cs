using MaildirQuotaWatcher.State;
using MaildirQuotaWatcher.Warnings;
using Microsoft.Data.Sqlite;

namespace MaildirQuotaWatcher.Daemon.Tests.Warnings;

public sealed class WarningStoreTests : IDisposable
{
    private readonly ScriptDirectory _dir = new();

    public void Dispose() => _dir.Dispose();

    [Fact]
    public void Write_Reopen_ReadsTheSame_AndAnEmptyRowIsGone()
    {
        using (var store = WarningStore.Open(_dir.State, _dir.Log))
        {
            store.Write([new("/a", Row("storage=80%", "p1", "p2")), new("/b\u00e9", Row("-messages=10%"))]);
            store.Write([new("/b\u00e9", new StoredWarnings(WarningState.Empty, []))]);
        }
        using var again = WarningStore.Open(_dir.State, _dir.Log);
        var row = Assert.Single(again.ReadAll());
        Assert.Equal("/a", row.Key);
        Assert.Equal("storage=80%", row.Value.State.ToString());
        Assert.Equal(["p1", "p2"], row.Value.Pending);
    }

    [Fact]
    public void Open_New_IsForTheOwnerOnly()
    {
        using var store = WarningStore.Open(_dir.State, _dir.Log);
        store.Write([new("/a", Row("storage=80%"))]);
        Assert.All(Directory.GetFiles(_dir.State), f =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
    }

    [Fact]
    public void Open_Damaged_IsMovedAsideAndLogged()
    {
        Directory.CreateDirectory(_dir.State);
        File.WriteAllText(Path.Combine(_dir.State, "state.db"), new string('x', 8192));
        using var store = WarningStore.Open(_dir.State, _dir.Log);
        Assert.Empty(store.ReadAll());
        Assert.Single(Directory.GetFiles(_dir.State, "state.db.damaged-*"));
        Assert.Contains(_dir.Lines, l => l.StartsWith("Warning") && l.Contains("is damaged"));
    }

    [Fact]
    public void Open_MadeByANewerVersion_IsRefusedAndKept()
    {
        WarningStore.Open(_dir.State, _dir.Log).Dispose();
        var path = Path.Combine(_dir.State, "state.db");
        Execute(path, "PRAGMA user_version = 99");
        var e = Assert.Throws<StateException>(() => WarningStore.Open(_dir.State, _dir.Log));
        Assert.Contains(path, e.Message);
        Assert.Contains("newer", e.Message);
        Assert.Empty(Directory.GetFiles(_dir.State, "*.damaged-*"));
    }

    [Fact]
    public void Open_DirectoryIsAFile_NamesTheFileAndTheCure()
    {
        File.WriteAllText(_dir.State, "");
        var e = Assert.Throws<StateException>(() => WarningStore.Open(_dir.State, _dir.Log));
        Assert.Contains(Path.Combine(_dir.State, "state.db"), e.Message);
        Assert.Contains("check that the directory", e.Message);
    }

    [Fact]
    public void Open_Locked_NamesTheFileAndTheCure()
    {
        WarningStore.Open(_dir.State, _dir.Log).Dispose();
        using var other = new SqliteConnection($"Data Source={Path.Combine(_dir.State, "state.db")};Pooling=False");
        other.Open();
        using var command = other.CreateCommand();
        command.CommandText = "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; INSERT INTO warning_state VALUES (x'00', x'00', x'00')";
        command.ExecuteNonQuery();
        var e = Assert.Throws<StateException>(() => WarningStore.Open(_dir.State, _dir.Log));
        Assert.Contains("another program holds it", e.Message);
    }

    private static StoredWarnings Row(string key, params string[] pending) => new(WarningState.Of([key]), pending);

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
