using System.Security.Cryptography;
using System.Text;
using MaildirQuotaWatcher.State;
using Microsoft.Data.Sqlite;
using Serilog;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// The last answers of the sources in <c>limits.db</c> in the state directory, for a start while a source is down. One
/// thread at a time. Each row is sealed: what is damaged is left out and asked for again.
/// </summary>
internal sealed class LimitStore : IDisposable
{
    private const int SealBytes = 8;

    private static readonly StateFile File = new("limits.db", 1, """
        CREATE TABLE answer (user BLOB PRIMARY KEY, fields BLOB NOT NULL, seal BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE origin (sources TEXT NOT NULL);
        """, "limits are asked for again");

    private readonly SqliteConnection _connection;
    private readonly ILogger _log;

    private LimitStore(SqliteConnection connection, string path, ILogger log) =>
        (_connection, Path, _log) = (connection, path, log);

    public string Path { get; }

    /// <summary>Opens or creates the file; a damaged one is moved aside and a new one begun.</summary>
    /// <exception cref="StateException">It cannot be opened: no rights, locked, made by a newer version.</exception>
    public static LimitStore Open(string directory, ILogger log) =>
        new(File.Open(directory, log), File.PathIn(directory), log);

    /// <summary>
    /// Every sound answer by user. What was asked of other sources than these is forgotten; what cannot be read too.
    /// </summary>
    /// <param name="sources">Their names, in order.</param>
    public IReadOnlyDictionary<string, UserFields> ReadAll(string sources)
    {
        var answers = new Dictionary<string, UserFields>(StringComparer.Ordinal);
        try
        {
            Begin(sources);
            var pool = new FieldsPool();
            var damaged = 0;
            using var command = _connection.CreateCommand();
            command.CommandText = "SELECT CAST(user AS BLOB), CAST(fields AS BLOB), CAST(seal AS BLOB) FROM answer";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                var (user, text) = (reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1));
                if (Seal(user, text).AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(2))
                    && UserFields.FromText(Encoding.UTF8.GetString(text)) is { } fields)
                    answers[Encoding.UTF8.GetString(user)] = pool.Share(fields);
                else
                    damaged++;
            }

            if (damaged > 0)
                _log.Warning("state file {File}: {Rows} rows are damaged; limits of these users are asked for again",
                    Path, damaged);
        }
        catch (SqliteException e)
        {
            _log.Warning("{Error:l}; limits are asked for again", File.Failure(Path, e).Message);
        }

        return answers;
    }

    /// <summary>Stores all of it in one transaction; null removes a user.</summary>
    /// <exception cref="StateException">The disk is full, or the file is held or damaged.</exception>
    public void Write(IEnumerable<KeyValuePair<string, UserFields?>> answers)
    {
        try
        {
            using var transaction = _connection.BeginTransaction();
            using var upsert = _connection.CreateCommand();
            upsert.CommandText = "INSERT INTO answer (user, fields, seal) VALUES ($u, $f, $s) "
                + "ON CONFLICT (user) DO UPDATE SET fields = excluded.fields, seal = excluded.seal";
            var (user, fields, seal) = (upsert.Parameters.Add("$u", SqliteType.Blob),
                upsert.Parameters.Add("$f", SqliteType.Blob), upsert.Parameters.Add("$s", SqliteType.Blob));
            using var delete = _connection.CreateCommand();
            delete.CommandText = "DELETE FROM answer WHERE user = $u";
            var gone = delete.Parameters.Add("$u", SqliteType.Blob);
            foreach (var (name, answer) in answers)
            {
                var key = Encoding.UTF8.GetBytes(name);
                if (answer is null)
                {
                    gone.Value = key;
                    delete.ExecuteNonQuery();
                    continue;
                }

                var text = Encoding.UTF8.GetBytes(answer.ToText());
                (user.Value, fields.Value, seal.Value) = (key, text, Seal(key, text));
                upsert.ExecuteNonQuery();
            }

            transaction.Commit();
        }
        catch (SqliteException e)
        {
            throw File.Failure(Path, e);
        }
    }

    public void Dispose() => _connection.Dispose();

    private static byte[] Seal(byte[] user, byte[] fields) =>
        SHA256.HashData([.. user, 0, .. fields])[..SealBytes];

    private void Begin(string sources)
    {
        using var select = _connection.CreateCommand();
        select.CommandText = "SELECT sources FROM origin";
        if (select.ExecuteScalar() as string == sources)
            return;
        using var transaction = _connection.BeginTransaction();
        using var change = _connection.CreateCommand();
        change.CommandText = "DELETE FROM answer; DELETE FROM origin; INSERT INTO origin VALUES ($s)";
        change.Parameters.AddWithValue("$s", sources);
        change.ExecuteNonQuery();
        transaction.Commit();
    }
}
