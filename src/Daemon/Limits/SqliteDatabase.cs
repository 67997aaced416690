using Microsoft.Data.Sqlite;

namespace MaildirQuotaWatcher.Limits;

/// <summary>A SQLite file of an administrator, opened for reading for each question: others may replace it.</summary>
internal sealed class SqliteDatabase(string path) : ISqlDatabase
{
    private readonly OwnThread _thread = new("limits-sqlite");

    public string Place => $"SQLite file {path}";

    public Task<IReadOnlyList<SqlRow>> QueryAsync(SqlStatement statement, string user, CancellationToken stop) =>
        _thread.RunAsync<IReadOnlyList<SqlRow>>(() => Query(statement, user), stop);

    public ValueTask DisposeAsync()
    {
        _thread.Dispose();
        return ValueTask.CompletedTask;
    }

    private List<SqlRow> Query(SqlStatement statement, string user)
    {
        try
        {
            var settings = new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
                DefaultTimeout = SqlDrivers.Seconds,
            };
            using var connection = new SqliteConnection(settings.ConnectionString);
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = statement.Text(i => $"@p{i}");
            for (var i = 0; i < statement.Parameters.Count; i++)
                command.Parameters.AddWithValue($"@p{i}", statement.Parameters[i].Expand(user));
            using var reader = command.ExecuteReader();
            var rows = new List<SqlRow>();
            while (reader.Read())
                rows.Add(new SqlRow([.. Enumerable.Range(0, reader.FieldCount).Select(i =>
                    new KeyValuePair<string, string?>(
                        reader.GetName(i), reader.IsDBNull(i) ? null : reader.GetString(i)))]));
            return rows;
        }
        catch (SqliteException e)
        {
            var cure = e.SqliteErrorCode switch
            {
                14 => "check that it exists and may be read",
                5 or 6 => "another program holds it",
                11 or 26 => "it is damaged or no database",
                1 => "check the queries",
                _ => "check the file",
            };
            throw new LimitSourceException($"{Place}: {e.Message.TrimEnd('.')}; {cure}", inner: e);
        }
    }
}
