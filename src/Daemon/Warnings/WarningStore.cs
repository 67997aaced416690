using System.Text;
using Microsoft.Data.Sqlite;
using Serilog;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Warning state on disk: <c>state.db</c> (SQLite, WAL) in the state directory, one row per mailbox that has anything
/// to remember. Used by one thread at a time.
/// </summary>
/// <remarks>
/// A committed transaction survives kill -9 (it is in the page cache); with <c>synchronous=NORMAL</c> a power failure
/// may lose the last ones, which means that a warning is repeated, never that the file is damaged.
/// </remarks>
internal sealed class WarningStore : IDisposable
{
    public const string FileName = "state.db";

    private readonly SqliteConnection _connection;

    private WarningStore(SqliteConnection connection, string path) => (_connection, Path) = (connection, path);

    public string Path { get; }

    /// <summary>Opens or creates the file; a damaged one is moved aside and a new one begun.</summary>
    /// <exception cref="WarningStoreException">
    /// It cannot be opened: no rights, locked, made by a newer version.
    /// </exception>
    public static WarningStore Open(string directory, ILogger log)
    {
        var path = System.IO.Path.Combine(directory, FileName);
        try
        {
            Directory.CreateDirectory(directory,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            try
            {
                return new WarningStore(WarningStoreSchema.Connect(path), path);
            }
            catch (SqliteException e) when (WarningStoreSchema.IsCorrupt(e))
            {
                var aside = WarningStoreSchema.MoveAside(path);
                log.Warning("{File} is damaged ({Error}); moved to {Aside}, a new one is begun: thresholds already "
                    + "reached will warn once more", path, e.Message, aside);
                return new WarningStore(WarningStoreSchema.Connect(path), path);
            }
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new WarningStoreException(Explain(path, e), e);
        }
    }

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
            throw new WarningStoreException(Explain(Path, e), e);
        }
    }

    private static string Explain(string path, Exception e)
    {
        var cure = e is not SqliteException sqlite
            ? "check that the directory exists and that this account may write there"
            : sqlite.SqliteErrorCode switch
            {
                5 or 6 => "another program holds it: stop a second daemon, or close the sqlite3 shell on it",
                8 or 14 or 23 => "check that this account owns the file and may write its directory",
                13 => "free space on that file system",
                11 or 26 => "it is damaged: restart the daemon, which moves it aside",
                WarningStoreSchema.TooNew => "use the version that wrote it, or remove the file (warnings repeat once)",
                _ => "check the file system, or remove the file (warnings repeat once)",
            };
        return $"state file {path}: {e.Message.TrimEnd('.')}; {cure}";
    }
}
