using Microsoft.Data.Sqlite;

namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>No server at all: a file, which is "down" when it is not there.</summary>
internal sealed class SqliteServer : LimitServer
{
    public SqliteServer()
    {
        Configure(Password);
        Execute("CREATE TABLE users (name TEXT PRIMARY KEY, bytes INTEGER)");
        File.Move(At("users.db"), At("away"));
    }

    public override void Clear() => Execute("DELETE FROM users");

    public override void Set(params IReadOnlyList<(string User, long? Bytes)> users)
    {
        using var connection = new SqliteConnection($"Data Source={At("users.db")};Pooling=False");
        connection.Open();
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT OR REPLACE INTO users VALUES ($u, $b)";
        command.Parameters.Add("$u", SqliteType.Text);
        command.Parameters.Add("$b", SqliteType.Integer);
        foreach (var (user, bytes) in users)
        {
            command.Parameters[0].Value = user;
            command.Parameters[1].Value = bytes is null ? DBNull.Value : bytes;
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    public override void Configure(string password)
    {
        Source = $"sql:{At("sqlite.conf")}";
        File.WriteAllText(At("sqlite.conf"), $"""
            driver = sqlite
            connect = {At("users.db")}
            user_query = SELECT 5000 AS uid, '*:bytes=' || bytes AS quota_rule FROM users WHERE name = '%u'
            all_query = SELECT name AS user, '*:bytes=' || bytes AS quota_rule FROM users
            """);
    }

    protected override void Begin() => File.Move(At("away"), At("users.db"));

    protected override void End() => File.Move(At("users.db"), At("away"));

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={At("users.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
