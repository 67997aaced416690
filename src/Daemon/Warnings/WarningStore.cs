using System.Text;
using MaildirQuotaWatcher.State;
using Microsoft.Data.Sqlite;
using Serilog;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Warning state on disk: <c>state.db</c> (SQLite, WAL) in the state directory, one row per mailbox that has anything
/// to remember. Used by one thread at a time.
/// </summary>
/// <remarks>After a power failure the last warnings may be repeated, see <see cref="StateFile"/>.</remarks>
internal sealed class WarningStore : IDisposable
{
    private static readonly StateFile File = new("state.db", 1, """
        CREATE TABLE IF NOT EXISTS warning_state
            (mailbox BLOB PRIMARY KEY, state BLOB NOT NULL, pending BLOB NOT NULL) WITHOUT ROWID
        """, "thresholds already reached will warn once more");

    private readonly SqliteConnection _connection;

    private WarningStore(SqliteConnection connection, string path) => (_connection, Path) = (connection, path);

    public string Path { get; }

    /// <summary>Opens or creates the file; a damaged one is moved aside and a new one begun.</summary>
    /// <exception cref="StateException">It cannot be opened: no rights, locked, made by a newer version.</exception>
    public static WarningStore Open(string directory, ILogger log) =>
        new(File.Open(directory, log), File.PathIn(directory));

    /// <summary>Every row, by mailbox.</summary>
    public IReadOnlyDictionary<string, StoredWarnings> ReadAll()
    {
        var rows = new Dictionary<string, StoredWarnings>(StringComparer.Ordinal);
        Guard(() =>
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "SELECT mailbox, state, pending FROM warning_state";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                var pending = Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(2));
                rows[Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(0))] = new StoredWarnings(
                    WarningState.FromBytes(reader.GetFieldValue<byte[]>(1)),
                    pending.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            }
        });
        return rows;
    }

    /// <summary>Stores all rows in one transaction; an empty row is deleted. Durable on return.</summary>
    public void Write(IEnumerable<KeyValuePair<string, StoredWarnings>> rows) => Guard(() =>
    {
        using var transaction = _connection.BeginTransaction();
        using var upsert = _connection.CreateCommand();
        upsert.CommandText = "INSERT INTO warning_state (mailbox, state, pending) VALUES ($m, $s, $p) "
            + "ON CONFLICT (mailbox) DO UPDATE SET state = excluded.state, pending = excluded.pending";
        var (mailbox, state, pending) = (upsert.Parameters.Add("$m", SqliteType.Blob),
            upsert.Parameters.Add("$s", SqliteType.Blob), upsert.Parameters.Add("$p", SqliteType.Blob));
        using var delete = _connection.CreateCommand();
        delete.CommandText = "DELETE FROM warning_state WHERE mailbox = $m";
        var gone = delete.Parameters.Add("$m", SqliteType.Blob);
        foreach (var (name, row) in rows)
        {
            var key = Encoding.UTF8.GetBytes(name);
            if (row.IsEmpty)
            {
                gone.Value = key;
                delete.ExecuteNonQuery();
                continue;
            }
            mailbox.Value = key;
            state.Value = row.State.ToBytes();
            pending.Value = Encoding.UTF8.GetBytes(string.Join('\n', row.Pending));
            upsert.ExecuteNonQuery();
        }
        transaction.Commit();
    });

    public void Dispose() => _connection.Dispose();

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (SqliteException e)
        {
            throw File.Failure(Path, e);
        }
    }
}
