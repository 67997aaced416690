using System.Security.Cryptography;
using System.Text;
using MaildirQuotaWatcher.State;
using Microsoft.Data.Sqlite;
using Serilog;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// The last answers of the sources in <c>limits.db</c> in the state directory, for a start while a source is down. One
/// thread at a time. Each row is sealed: what is damaged is left out and asked for again. A file that cannot be opened
/// stops nobody: it is tried again with each <see cref="Write"/>.
/// </summary>
/// <param name="directory">The state directory; nothing is opened before the first use.</param>
/// <param name="log">Told of files that are damaged or moved aside.</param>
internal sealed class LimitStore(string directory, ILogger log) : IDisposable
{
    private const int SealBytes = 8;

    private static readonly StateFile File = new("limits.db", 1, """
        CREATE TABLE answer (user BLOB PRIMARY KEY, fields BLOB NOT NULL, seal BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE origin (sources TEXT NOT NULL);
        """, "limits are asked for again")
    {
        IsCache = true,
        Probe = "SELECT user, fields, seal, sources FROM answer, origin LIMIT 0",
    };

    private SqliteConnection? _connection;
    private string _sources = "";
    private bool _isBegun;
    private bool _isRenamed;

    public string Path { get; } = File.PathIn(directory);

    /// <summary>Whether the file has been opened.</summary>
    public bool IsOpen => _connection is not null;

    /// <summary>The file does not say yet whose answers it holds: a <see cref="Write"/> is due.</summary>
    public bool IsBehind => !_isBegun && _sources.Length > 0;

    /// <summary>
    /// Every sound answer by user. What was asked of other sources than these is forgotten; what cannot be read too.
    /// </summary>
    /// <param name="sources">Their names, in order.</param>
    public IReadOnlyDictionary<string, UserFields> ReadAll(string sources)
    {
        var answers = new Dictionary<string, UserFields>(StringComparer.Ordinal);
        _sources = sources;
        try
        {
            var connection = Connection();
            using (var transaction = connection.BeginTransaction())
            {
                Begin(connection);
                transaction.Commit();
            }

            _isBegun = true;
            var pool = new FieldsPool();
            var damaged = 0;
            using var command = connection.CreateCommand();
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
                log.Warning("state file {File}: {Rows} rows are damaged; limits of these users are asked for again",
                    Path, damaged);
        }
        catch (Exception e) when (e is SqliteException or StateException)
        {
            var problem = e is SqliteException sqlite ? File.Failure(Path, sqlite) : e;
            log.Warning("{Error:l}; limits are asked for again", problem.Message);
        }

        return answers;
    }

    /// <summary>For another process than the daemon: the last answer about one user. Changes nothing.</summary>
    /// <param name="directory">The state directory.</param>
    /// <param name="sources">As for <see cref="ReadAll"/>.</param>
    /// <param name="user">Whom it is about.</param>
    /// <returns>Null when there is none, or it was given by other sources.</returns>
    /// <exception cref="StateException">The file cannot be read.</exception>
    public static UserFields? Look(string directory, string sources, string user)
    {
        var path = File.PathIn(directory);
        if (!System.IO.File.Exists(path))
            return null;
        try
        {
            using var connection = StateFile.ConnectReadOnly(path);
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT CAST(fields AS BLOB), CAST(seal AS BLOB) FROM answer, origin "
                + "WHERE user = $u AND sources = $s";
            var key = Encoding.UTF8.GetBytes(user);
            command.Parameters.AddWithValue("$u", key);
            command.Parameters.AddWithValue("$s", sources);
            using var reader = command.ExecuteReader();
            return reader.Read() && reader.GetFieldValue<byte[]>(0) is var text
                && Seal(key, text).AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(1))
                    ? UserFields.FromText(Encoding.UTF8.GetString(text))
                    : null;
        }
        catch (SqliteException e)
        {
            throw File.Failure(path, e);
        }
    }

    /// <summary>From now on these sources are asked; what the others said holds until then.</summary>
    public void Rename(string sources) => (_sources, _isRenamed, _isBegun) = (sources, _isBegun, false);

    /// <summary>Stores all of it in one transaction; null removes a user.</summary>
    /// <exception cref="StateException">The disk is full, or the file is held or damaged.</exception>
    public void Write(IEnumerable<KeyValuePair<string, UserFields?>> answers)
    {
        try
        {
            var connection = Connection();
            using var transaction = connection.BeginTransaction();
            if (!_isBegun)
                Begin(connection);
            using var upsert = connection.CreateCommand();
            upsert.CommandText = "INSERT INTO answer (user, fields, seal) VALUES ($u, $f, $s) "
                + "ON CONFLICT (user) DO UPDATE SET fields = excluded.fields, seal = excluded.seal";
            var (user, fields, seal) = (upsert.Parameters.Add("$u", SqliteType.Blob),
                upsert.Parameters.Add("$f", SqliteType.Blob), upsert.Parameters.Add("$s", SqliteType.Blob));
            using var delete = connection.CreateCommand();
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
            _isBegun = true;
        }
        catch (SqliteException e)
        {
            throw File.Failure(Path, e);
        }
    }

    public void Dispose() => _connection?.Dispose();

    private static byte[] Seal(byte[] user, byte[] fields) =>
        SHA256.HashData([.. user, 0, .. fields])[..SealBytes];

    /// <exception cref="StateException">It cannot be opened.</exception>
    private SqliteConnection Connection() => _connection ??= File.Open(directory, log);

    private void Begin(SqliteConnection connection)
    {
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT sources FROM origin";
        if (select.ExecuteScalar() as string == _sources)
            return;
        using var change = connection.CreateCommand();
        change.CommandText = (_isRenamed ? "" : "DELETE FROM answer;")
            + "DELETE FROM origin; INSERT INTO origin VALUES ($s)";
        change.Parameters.AddWithValue("$s", _sources);
        change.ExecuteNonQuery();
    }
}
