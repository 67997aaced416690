using MaildirQuotaWatcher.Daemon.Tests.State;
using MaildirQuotaWatcher.Quota;
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
            store.Write(Batch(b =>
            {
                b.Set("/a", new StoredState(WarningState.Of([new("storage=80%", PartPhase.Above, 5, true)]), 9));
                b.Set("/b\u00e9", Row("-messages=10%"));
                foreach (var id in new[] { 3, 1, 2 }) b.Add(Due(id, "/b\u00e9"));
            }));
            store.Write(Batch(b => b.Set("/b\u00e9", new StoredState(WarningState.Empty, 0))));
        }
        using var again = WarningStore.Open(_dir.State, _dir.Log);
        var row = Assert.Single(again.ReadStates());
        Assert.Equal(("/a", "storage=80%@5w", 9), (row.Key, row.Value.State.ToString(), row.Value.Seen));
        Assert.Equal([1, 2, 3], again.ReadDue(0, 10).Select(due => due.Id));
        Assert.Equal(3, again.LastId());
    }

    [Fact]
    public void Write_PostponedAndRemoved_AreRead_InTheirTimeAndOrder()
    {
        using var store = WarningStore.Open(_dir.State, _dir.Log);
        store.Write(Batch(b =>
        {
            for (var id = 1; id <= 4; id++) b.Add(Due(id, "/a"));
        }));
        store.Write(Batch(b =>
        {
            b.Postpone(1, 1, 500);
            b.Remove(3);
        }));
        Assert.Equal([2, 4], store.ReadDue(499, 10).Select(due => due.Id));
        Assert.Equal([(2, 0), (4, 0), (1, 1)], store.ReadDue(500, 10).Select(due => ((int)due.Id, due.Tries)));
        Assert.Equal([2], store.ReadDue(500, 1).Select(due => due.Id));
        Assert.Equal(500, store.NextTime(499));
        Assert.Null(store.NextTime(500));
    }

    [Fact]
    public void Write_Forgotten_TakesItsDueOnesAlong()
    {
        using var store = WarningStore.Open(_dir.State, _dir.Log);
        store.Write(Batch(b =>
        {
            b.Set("/a", Row("storage=80%"));
            b.Add(Due(1, "/a"));
            b.Add(Due(2, "/b"));
        }));
        store.Write(Batch(b => b.Forget("/a")));
        Assert.Empty(store.ReadStates());
        Assert.Equal([2], store.ReadDue(0, 10).Select(due => due.Id));
    }

    [Fact]
    public void Look_BesideTheDaemonAndWithout_SaysWhatIsKnown()
    {
        Assert.Null(WarningStore.Look(_dir.State, "/a").State);
        using (var store = WarningStore.Open(_dir.State, _dir.Log))
        {
            store.Write(Batch(b =>
            {
                b.Set("/a", Row("storage=80%"));
                b.Add(Due(1, "/a"));
                b.Add(Due(2, "/b"));
            }));
            Check();
        }
        Check();

        void Check()
        {
            var (state, due) = WarningStore.Look(_dir.State, "/a");
            Assert.True(state!.State.IsAbove("storage=80%"));
            Assert.Equal([1], due.Select(d => d.Id));
            Assert.Null(WarningStore.Look(_dir.State, "/c").State);
        }
    }

    [Fact]
    public void Open_Version1_KeepsMarksAndDueOnes()
    {
        Directory.CreateDirectory(_dir.State);
        Execute(Path.Combine(_dir.State, "state.db"), """
            CREATE TABLE warning_state
                (mailbox BLOB PRIMARY KEY, state BLOB NOT NULL, pending BLOB NOT NULL) WITHOUT ROWID;
            INSERT INTO warning_state VALUES
                (CAST('/a' AS BLOB), CAST('storage=80% storage=95%' AS BLOB), CAST(
                    'storage=95%' || char(9) || '99' || char(9) || '3' || char(9) || '100' || char(9) || '0' || char(9) || 'r%09j'
                    || char(10) ||
                    'storage=80%' || char(9) || '81' || char(9) || '3' || char(9) || '100' || char(9) || '0' || char(9) || 'rj' AS BLOB)),
                (CAST('/b' AS BLOB), CAST('storage=80%' AS BLOB), x'');
            PRAGMA user_version = 1;
            """);
        using var store = WarningStore.Open(_dir.State, _dir.Log);
        Assert.Equal(["/a storage=80%@0 storage=95%@0", "/b storage=80%@0"], store.ReadStates().Select(r => $"{r.Key} {r.Value.State}"));
        Assert.All(store.ReadStates(), r => Assert.True(r.Value.Seen > DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeSeconds()));
        var rules = new WarningRules([.. new[] { 80, 95 }.Select(p => WarningRule.OfPercent(QuotaResource.Storage, p, false, ["/w"]))]);
        var due = store.ReadDue(0, 10).Select(d => DueWarning.FromLine(d, rules)!).ToArray();
        Assert.Equal(["95 r\tj /a 99", "80 rj /a 81"],
            due.Select(d => $"{d.Warning.Part.Amount} {d.Subject.User} {d.Subject.Mailbox} {d.Warning.Usage.Bytes}"));
    }

    [Fact]
    public void Open_New_IsForTheOwnerOnly()
    {
        using var store = WarningStore.Open(_dir.State, _dir.Log);
        store.Write(Batch(b => b.Set("/a", Row("storage=80%"))));
        Assert.All(Directory.GetFiles(_dir.State), f =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
    }

    [Fact]
    public void Open_Damaged_IsMovedAsideAndLogged()
    {
        Directory.CreateDirectory(_dir.State);
        File.WriteAllText(Path.Combine(_dir.State, "state.db"), new string('x', 8192));
        using var store = WarningStore.Open(_dir.State, _dir.Log);
        Assert.Empty(store.ReadStates());
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
        Assert.Equal("state.db", Assert.Single(Directory.GetFiles(_dir.State).Select(Path.GetFileName)));
    }

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public void Open_FullDisk_RemembersAll_AndStoresWhenThereIsRoom(string type)
    {
        using var disk = new SmallDisk(_dir.State, type);
        using (var store = WarningStore.Open(_dir.State, _dir.Log))
            store.Write(Batch(b => b.Set("/a", Row("storage=80%"))));
        disk.Fill();
        using (var store = WarningStore.Open(_dir.State, _dir.Log))
        {
            Assert.Equal("/a", Assert.Single(store.ReadStates()).Key);
            Assert.Contains("It is used all the same", Assert.Single(_dir.Lines));
            var more = Batch(b =>
            {
                for (var i = 0; i < 2000; i++) b.Set($"/b{i}", Row("storage=80%"));
            });
            Assert.Contains("free space", Assert.Throws<StateException>(() => store.Write(more)).Message);
            disk.Free();
            store.Write(more);
        }

        using var again = WarningStore.Open(_dir.State, _dir.Log);
        Assert.Equal(2001, again.ReadStates().Count);
    }

    [Fact]
    public void Open_FullDiskWithoutFile_NamesTheCure()
    {
        using var disk = new SmallDisk(_dir.State, "tmpfs");
        disk.Fill();
        var e = Assert.Throws<StateException>(() => WarningStore.Open(_dir.State, _dir.Log));
        Assert.Contains("free space", e.Message);
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
        command.CommandText = "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; INSERT INTO subject VALUES (x'00', x'00', 0, 0, 0)";
        command.ExecuteNonQuery();
        var e = Assert.Throws<StateException>(() => WarningStore.Open(_dir.State, _dir.Log));
        Assert.Contains("another program holds it", e.Message);
    }

    internal static StoredState Row(string key) =>
        new(WarningState.Of([new PartMemory(key, PartPhase.Above, 1, true)]), 1_000_000_000_000);

    internal static WarningBatch Batch(Action<WarningBatch> fill)
    {
        var batch = new WarningBatch();
        fill(batch);
        return batch;
    }

    private static DueWarning Due(long id, string key)
    {
        var rule = WarningRule.OfPercent(QuotaResource.Storage, 80, below: false, ["/w"]);
        return new DueWarning(id, new(key, "rj", key), new(rule, rule.Parts[0], new(81, 1), new(100, 0)));
    }

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
