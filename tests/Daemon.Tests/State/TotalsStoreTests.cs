using System.Diagnostics;
using MaildirQuotaWatcher.Daemon.Tests.Warnings;
using MaildirQuotaWatcher.State;
using Microsoft.Data.Sqlite;

namespace MaildirQuotaWatcher.Daemon.Tests.State;

public sealed class TotalsStoreTests : IDisposable
{
    private readonly ScriptDirectory _dir = new();

    private string FilePath => Path.Combine(_dir.State, "totals.db");

    public void Dispose() => _dir.Dispose();

    [Fact]
    public void Save_Load_TheNewestWins_StoredOrNot()
    {
        using var store = Open();
        Assert.Null(store.Load(1, 2));
        store.Save(1, 2, [1]);
        Assert.Equal([1], store.Load(1, 2)!);
        store.Flush();
        Assert.Equal([1], store.Load(1, 2)!);
        store.Save(1, 2, [2]);
        store.Save(ulong.MaxValue, ulong.MaxValue, [3]);
        store.Save(1, 2, [4, 5]);
        Assert.Equal([4, 5], store.Load(1, 2)!);
        store.Flush();
        Assert.Equal([4, 5], store.Load(1, 2)!);
        Assert.Equal([3], store.Load(ulong.MaxValue, ulong.MaxValue)!);
        Assert.Null(store.Load(2, 1));
    }

    [Fact]
    public void Forget_Mailbox_IsGone_StoredOrNot()
    {
        using (var store = Open())
        {
            store.Save(1, 1, [1]);
            store.Save(1, 2, [2]);
            store.Flush();
            store.Forget(1, 1);
            Assert.Null(store.Load(1, 1));
            store.Flush();
            Assert.Null(store.Load(1, 1));
            store.Save(1, 3, [3]);
            store.Forget(1, 3);
        }

        Assert.Equal(1, Rows());
    }

    [Fact]
    public void Open_Again_HasTheRowsAndTheKey_AndIsForTheOwnerOnly()
    {
        MaildirQuotaWatcher.Maildir.NameHash key;
        using (var store = Open())
        {
            key = store.NameKey;
            store.Save(1, 2, [9]);
            store.Flush();
            Assert.All(Directory.GetFiles(_dir.State), f =>
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
            store.Save(1, 3, [8]);
        }

        Assert.Equal(["totals.db"], Directory.GetFiles(_dir.State).Select(Path.GetFileName));
        using var again = Open();
        Assert.Equal(key, again.NameKey);
        Assert.NotEqual(default, key);
        Assert.Equal([9], again.Load(1, 2)!);
        Assert.Equal([8], again.Load(1, 3)!);
    }

    /// <summary>What kill -9 leaves: the file and a log that nobody has put into it, whole or torn anywhere.</summary>
    [Fact]
    public void Open_AfterKill_HasAllThatWasStored_AndNothingTorn()
    {
        var left = Path.Combine(_dir.Path, "left");
        Directory.CreateDirectory(left);
        const int Transactions = 20;
        using (var store = Open())
        {
            for (var i = 1; i <= Transactions; i++)
            {
                store.Save(1, 1, Enumerable.Repeat((byte)i, 3000).ToArray());
                store.Save(1, 2, Enumerable.Repeat((byte)i, 3000).ToArray());
                store.Flush();
            }

            File.Copy(FilePath, Path.Combine(left, "totals.db"));
            File.Copy(FilePath + "-wal", Path.Combine(left, "whole"));
        }

        var log = File.ReadAllBytes(Path.Combine(left, "whole"));
        var seen = new HashSet<int>();
        for (var length = log.Length; length > 0; length = length * 9 / 10 - 1)
        {
            var torn = Path.Combine(_dir.Path, $"torn-{length}");
            Directory.CreateDirectory(torn);
            File.Copy(Path.Combine(left, "totals.db"), Path.Combine(torn, "totals.db"));
            File.WriteAllBytes(Path.Combine(torn, "totals.db-wal"), log[..length]);
            using var store = TotalsStore.Open(torn, _dir.Log);
            var (first, second) = (store.Load(1, 1), store.Load(1, 2));
            if (length == log.Length)
                Assert.Equal(Transactions, first![0]);
            Assert.Equal(first, second);
            Assert.True(first is null || (first.Length == 3000 && first.Distinct().Count() == 1));
            seen.Add(first?[0] ?? 0);
        }

        Assert.True(seen.Count > 5, string.Join(' ', seen));
        Assert.DoesNotContain(_dir.Lines, line => line.Contains("damaged"));
    }

    [Fact]
    public void Open_Damaged_IsMovedAside_WithOneWarning_AndANewKey()
    {
        MaildirQuotaWatcher.Maildir.NameHash key;
        using (var store = Open())
            key = store.NameKey;
        File.WriteAllText(FilePath, new string('x', 8192));
        using var again = Open();
        Assert.NotEqual(key, again.NameKey);
        Assert.Single(Directory.GetFiles(_dir.State, "totals.db.damaged-*"));
        Assert.Contains("every mailbox is counted once more", Assert.Single(_dir.Lines));
        again.Save(1, 1, [1]);
        again.Flush();
        Assert.Equal([1], again.Load(1, 1)!);
    }

    [Fact]
    public void Open_PageOverwritten_IsFoundByTheCheck()
    {
        using (var store = Open())
            for (ulong i = 0; i < 1000; i++)
                store.Save(1, i, new byte[500]);
        using (var file = File.OpenWrite(FilePath))
        {
            file.Position = 4096 * 20;
            file.Write(new byte[4096 * 3]);
        }

        using var again = Open();
        Assert.Single(Directory.GetFiles(_dir.State, "totals.db.damaged-*"));
    }

    [Theory]
    [InlineData("PRAGMA user_version = 99", "newer")]
    [InlineData("DROP TABLE secret", "damaged")]
    [InlineData("ALTER TABLE mailbox RENAME COLUMN saved TO kept", "damaged")]
    public void Open_FileOfAnotherKind_IsSetAside_WithOneWarning(string change, string fault)
    {
        using (var store = Open())
            store.Save(1, 1, [1]);
        Execute(change);
        using var again = Open();
        Assert.Null(again.Load(1, 1));
        Assert.Contains($"{FilePath}\" is {fault}", Assert.Single(_dir.Lines));
        Assert.Single(Directory.GetFiles(_dir.State, $"totals.db.{fault}-*"));
        again.Save(1, 1, [2]);
        again.Flush();
        Assert.Equal([2], again.Load(1, 1)!);
    }

    [Fact]
    public void Open_WithoutItsKey_HasANewOne()
    {
        var key = default(MaildirQuotaWatcher.Maildir.NameHash);
        using (var store = Open())
            key = store.NameKey;
        Execute("DELETE FROM secret");
        using var again = Open();
        Assert.NotEqual(key, again.NameKey);
        Assert.NotEqual(default, again.NameKey);
    }

    [Theory]
    [InlineData("tmpfs", true)]
    [InlineData("tmpfs", false)]
    [InlineData("ext4", true)]
    [InlineData("ext4", false)]
    public void Open_FullDisk_IsSaidOnce_AndOnceMoreWhenItWorks(string type, bool isThere)
    {
        using var disk = new SmallDisk(_dir.State, type);
        if (isThere)
            using (var store = Open())
                store.Save(1, 1, [1]);
        disk.Fill();
        MaildirQuotaWatcher.Maildir.NameHash key;
        using (var store = Open())
        {
            key = store.NameKey;
            Assert.Null(store.Load(1, 1));
            store.Save(1, 2, [2]);
            store.Loaded();
            store.Flush();
            store.Flush();
            Assert.Contains(FilePath, Assert.Single(_dir.Lines));
            disk.Free();
            store.Flush();
            Assert.Contains("can be written again", Assert.Single(_dir.Lines[1..]));
            Assert.Equal([2], store.Load(1, 2)!);
        }

        using var again = Open();
        Assert.Equal(key, again.NameKey);
        Assert.Equal([2], again.Load(1, 2)!);
    }

    [Fact]
    public void Save_FileHeldByAnother_WaitsWithinBounds_AndIsStoredLater()
    {
        using var store = Open();
        using (var other = Connect())
        {
            using var begin = other.CreateCommand();
            begin.CommandText = "BEGIN IMMEDIATE";
            begin.ExecuteNonQuery();
            ulong taken = 0;
            while (store.Save(1, taken, new byte[1 << 20]))
                Assert.True(++taken < 100, "no bound");
            Assert.Equal(32UL, taken);
            Assert.Null(store.Load(1, taken));
            store.Flush();
            Assert.Contains("another program holds it", Assert.Single(_dir.Lines));
            Assert.Equal(1 << 20, store.Load(1, 7)!.Length);
            Assert.False(store.Save(1, taken, new byte[1 << 20]));
            // what is newer takes the place of what waits
            store.Forget(1, 7);
            Assert.True(store.Save(1, taken, new byte[1 << 20]));
        }

        store.Flush();
        Assert.Contains("can be written again", _dir.Lines[1]);
        Assert.Equal(32, Rows());
        Assert.Null(store.Load(1, 7));
    }

    [Fact]
    public void Save_FullDisk_IsSaidOnce_AndStoredWhenThereIsRoom()
    {
        using var disk = new SmallDisk(_dir.State, "tmpfs");
        using (var store = Open())
        {
            store.Save(1, 1, [1]);
            store.Flush();
            disk.Fill();
            store.Save(1, 2, new byte[100_000]);
            store.Flush();
            store.Flush();
            Assert.Contains("free space", Assert.Single(_dir.Lines));
            Assert.Equal([1], store.Load(1, 1)!);
            Assert.Equal(100_000, store.Load(1, 2)!.Length);
            disk.Free();
        }

        Assert.Equal(2, Rows());
    }

    [Fact]
    public void Loaded_RowsNobodyAskedForInALongTime_AreRemoved_TheOthersKept()
    {
        var clock = new Clock();
        using (var store = Open(clock))
        {
            store.Save(1, 1, [1]);
            store.Save(1, 2, [2]);
        }

        clock.Days += 89;
        using (var store = Open(clock))
        {
            Assert.Equal([1], store.Load(1, 1)!);
            store.Loaded();
        }

        Assert.Equal(2, Rows());
        clock.Days += 2;
        using (var store = Open(clock))
        {
            store.Loaded();
            store.Flush();
            Assert.Null(store.Load(1, 2));
            Assert.Equal([1], store.Load(1, 1)!);
        }

        // a service that ran for a year removes nothing that it has asked for
        clock.Days += 365;
        using (var store = Open(clock))
        {
            Assert.Equal([1], store.Load(1, 1)!);
            store.Loaded();
        }

        Assert.Equal(1, Rows());
    }

    /// <summary>No assertion on time: it is for those who look.</summary>
    [Fact]
    public void Load_100000Mailboxes_FromFourThreads_FindsEach()
    {
        const int Mailboxes = 100_000;
        var saved = new byte[Mailboxes][];
        Times write;
        using (var store = Open())
        {
            var writer = new SavedMailboxWriter(store.NameKey);
            for (var i = 0; i < Mailboxes; i++)
                saved[i] = SavedMailboxTests.Usual(writer, 6, Inode(i));
            write = new Times();
            for (var i = 0; i < Mailboxes; i++)
                while (!store.Save(0xfe01, Inode(i), saved[i]))
                    store.Flush();
        }

        var text = $"written {write}, {new FileInfo(FilePath).Length >> 10} KB; ";
        var memory = Environment.WorkingSet;
        var open = new Times();
        using var again = Open();
        text += $"opened {open}; ";
        var load = new Times();
        Parallel.For(0, Mailboxes, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
            Assert.True(SavedMailbox.TryRead(again.NameKey, again.Load(0xfe01, Inode(i)), out var mailbox)
                && mailbox.Inode == Inode(i)));
        text += $"loaded {load}, working set {(Environment.WorkingSet - memory) >> 10:+0;-0} KB";
        TestContext.Current.TestOutputHelper!.WriteLine(text);

        // directories are met in another order than their inodes
        static ulong Inode(int i) => 1000 + 40 * ((ulong)i * 7919 % Mailboxes);
    }

    private TotalsStore Open() => Open(null);

    private TotalsStore Open(TimeProvider? time) => TotalsStore.Open(_dir.State, _dir.Log, time);

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False");
        connection.Open();
        return connection;
    }

    private void Execute(string sql)
    {
        using var connection = Connect();
        StateFile.Execute(connection, sql);
    }

    private int Rows()
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM mailbox";
        return Convert.ToInt32(command.ExecuteScalar());
    }

    private sealed class Times
    {
        private readonly Stopwatch _wall = Stopwatch.StartNew();
        private readonly TimeSpan _processor = Environment.CpuUsage.TotalTime;

        public override string ToString() => $"{_wall.Elapsed.TotalSeconds:0.00} s "
            + $"(processor {(Environment.CpuUsage.TotalTime - _processor).TotalSeconds:0.00} s)";
    }

    private sealed class Clock : TimeProvider
    {
        public int Days { get; set; } = 20_000;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddDays(Days);
    }
}
