using System.Text;
using MaildirQuotaWatcher.State;
using Microsoft.Data.Sqlite;
using Serilog;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Warnings on disk: <c>state.db</c> (SQLite, WAL) in the state directory. One row for each subject that has anything
/// to remember, and the queue: one row for each warning that is due. Any thread, one at a time.
/// </summary>
/// <remarks>After a power failure the last warnings may be repeated, see <see cref="StateFile"/>.</remarks>
internal sealed class WarningStore : IDisposable
{
    // our_bytes and our_messages are of earlier versions, and 0.
    private const string Tables = """
        CREATE TABLE subject (mailbox BLOB PRIMARY KEY, state BLOB NOT NULL, seen INTEGER NOT NULL,
            our_bytes INTEGER NOT NULL, our_messages INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE due_warning (id INTEGER PRIMARY KEY, mailbox BLOB NOT NULL, line TEXT NOT NULL,
            tries INTEGER NOT NULL, not_before INTEGER NOT NULL);
        CREATE INDEX due_order ON due_warning (not_before);
        CREATE INDEX due_mailbox ON due_warning (mailbox);
        """;

    /// <summary>Version 1 had one table, the due ones of a mailbox as lines in its row.</summary>
    private const string FromVersion1 = Tables + """
        INSERT INTO subject SELECT mailbox, state, unixepoch(), 0, 0 FROM warning_state WHERE length(state) > 0;
        WITH RECURSIVE split (mailbox, line, rest) AS (
            SELECT mailbox, '', CAST(pending AS TEXT) || char(10) FROM warning_state WHERE length(pending) > 0
            UNION ALL
            SELECT mailbox, substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1)
                FROM split WHERE rest <> '')
        INSERT INTO due_warning (mailbox, line, tries, not_before)
            SELECT mailbox, line, 0, 0 FROM split WHERE line <> '';
        DROP TABLE warning_state;
        """;

    private static readonly StateFile File =
        new("state.db", 2, Tables, "thresholds already reached will warn once more", FromVersion1);

    private readonly SqliteConnection _connection;

    private WarningStore(SqliteConnection connection, string path) => (_connection, Path) = (connection, path);

    public string Path { get; }

    /// <summary>Opens or creates the file; a damaged one is moved aside and a new one begun.</summary>
    /// <exception cref="StateException">It cannot be opened: no rights, locked, made by a newer version.</exception>
    public static WarningStore Open(string directory, ILogger log) =>
        new(File.Open(directory, log), File.PathIn(directory));

    /// <summary>A store that is forgotten with the process.</summary>
    public static WarningStore InMemory() => new(File.OpenInMemory(), ":memory:");

    /// <summary>
    /// For another process than the daemon: what is remembered of a subject, and its due warnings, oldest first.
    /// Changes nothing; no file says nothing.
    /// </summary>
    /// <exception cref="StateException">It cannot be read.</exception>
    public static (StoredState? State, IReadOnlyList<StoredDue> Due) Look(string directory, string key)
    {
        var path = File.PathIn(directory);
        if (!System.IO.File.Exists(path)) return (null, []);
        try
        {
            using var store = new WarningStore(StateFile.ConnectReadOnly(path), path);
            var state = store.States("WHERE mailbox = $0", Bytes(key)).Select(row => row.Value).FirstOrDefault();
            return (state, store.DueOf(key));
        }
        catch (SqliteException e)
        {
            throw File.Failure(path, e);
        }
    }

    /// <summary>Every subject.</summary>
    public IReadOnlyList<KeyValuePair<string, StoredState>> ReadStates() => Guard(() => States(""));

    /// <summary>The first of the due ones that may start, those never tried first, in the order they came.</summary>
    /// <param name="now">Unix milliseconds.</param>
    public IReadOnlyList<StoredDue> ReadDue(long now, int most) =>
        Guard(() => Due("WHERE not_before <= $0 ORDER BY not_before, id LIMIT $1", now, most));

    /// <summary>The due ones of one subject, whenever they may start, in the order they came.</summary>
    public IReadOnlyList<StoredDue> ReadDueOf(string key) => Guard(() => DueOf(key));

    /// <summary>When the next postponed one may start, in Unix milliseconds; null when there is none.</summary>
    /// <param name="now">Unix milliseconds.</param>
    public long? NextTime(long now) =>
        Guard(() => Scalar("SELECT MIN(not_before) FROM due_warning WHERE not_before > $0", now));

    /// <summary>The highest number of a due one; 0 for none.</summary>
    public long LastId() => Guard(() => Scalar("SELECT MAX(id) FROM due_warning") ?? 0);

    /// <summary>Whether a subject has a warning that has not started.</summary>
    public bool HasDue(string key) =>
        Guard(() => Scalar("SELECT 1 FROM due_warning WHERE mailbox = $0 LIMIT 1", Bytes(key)) is not null);

    /// <summary>How many warnings of each subject have not started.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> CountDue() => Guard(() =>
    {
        using var command = Command("SELECT mailbox, COUNT(*) FROM due_warning GROUP BY mailbox");
        using var reader = command.ExecuteReader();
        var rows = new List<KeyValuePair<string, int>>();
        while (reader.Read())
            rows.Add(new(Text(reader, 0), reader.GetInt32(1)));
        return rows;
    });

    /// <summary>Removes one due warning; false when it is not there. Durable on return.</summary>
    public bool Remove(long id) => Guard(() =>
    {
        using var command = Command("DELETE FROM due_warning WHERE id = $0", id);
        return command.ExecuteNonQuery() > 0;
    });

    /// <summary>Stores everything in one transaction. Durable on return.</summary>
    public void Write(WarningBatch batch) => Guard(() =>
    {
        using var transaction = _connection.BeginTransaction();
        ForEach(batch.Forgotten, "DELETE FROM subject WHERE mailbox = $0", key => [Bytes(key)]);
        ForEach(batch.Forgotten, "DELETE FROM due_warning WHERE mailbox = $0", key => [Bytes(key)]);
        ForEach(batch.States.Where(row => row.Value.IsEmpty), "DELETE FROM subject WHERE mailbox = $0",
            row => [Bytes(row.Key)]);
        ForEach(batch.States.Where(row => !row.Value.IsEmpty), "INSERT OR REPLACE INTO subject VALUES ($0,$1,$2,$3,$4)",
            row => [Bytes(row.Key), row.Value.State.ToBytes(), row.Value.Seen, 0, 0]);
        ForEach(batch.Added, "INSERT INTO due_warning VALUES ($0, $1, $2, 0, 0)",
            due => [due.Id, Bytes(due.Subject.Key), due.ToLine()]);
        ForEach(batch.Later, "UPDATE due_warning SET tries = $1, not_before = $2 WHERE id = $0",
            later => [later.Key, later.Value.Tries, later.Value.NotBefore]);
        ForEach(batch.Removed, "DELETE FROM due_warning WHERE id = $0", id => [id]);
        transaction.Commit();
        return 0;
    });

    public void Dispose() => _connection.Dispose();

    private static byte[] Bytes(string key) => Encoding.UTF8.GetBytes(key);

    private static string Text(SqliteDataReader reader, int column) =>
        Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(column));

    private List<KeyValuePair<string, StoredState>> States(string where, params object[] values)
    {
        using var command =
            Command($"SELECT mailbox, state, seen FROM subject {where}", values);
        using var reader = command.ExecuteReader();
        var rows = new List<KeyValuePair<string, StoredState>>();
        while (reader.Read())
            rows.Add(new(Text(reader, 0), new StoredState(
                WarningState.FromBytes(reader.GetFieldValue<byte[]>(1)), reader.GetInt64(2))));
        return rows;
    }

    private List<StoredDue> DueOf(string key) => Due("WHERE mailbox = $0 ORDER BY id", Bytes(key));

    private List<StoredDue> Due(string where, params object[] values)
    {
        using var command = Command($"SELECT id, mailbox, line, tries FROM due_warning {where}", values);
        using var reader = command.ExecuteReader();
        var rows = new List<StoredDue>();
        while (reader.Read())
            rows.Add(new StoredDue(reader.GetInt64(0), Text(reader, 1), reader.GetString(2), reader.GetInt32(3)));
        return rows;
    }

    private long? Scalar(string sql, params object[] values)
    {
        using var command = Command(sql, values);
        return command.ExecuteScalar() as long?;
    }

    private void ForEach<T>(IEnumerable<T> items, string sql, Func<T, object[]> values)
    {
        SqliteCommand? command = null;
        foreach (var item in items)
        {
            var row = values(item);
            command ??= Command(sql, row);
            for (var i = 0; i < row.Length; i++) command.Parameters[i].Value = row[i];
            command.ExecuteNonQuery();
        }
        command?.Dispose();
    }

    private SqliteCommand Command(string sql, params object[] values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i}", values[i]);
        return command;
    }

    private T Guard<T>(Func<T> action)
    {
        try
        {
            lock (_connection) return action();
        }
        catch (SqliteException e)
        {
            throw File.Failure(Path, e);
        }
    }
}
