using Mono.Unix.Native;
using Npgsql;

namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>PostgreSQL on a UNIX socket in the scratch directory, with passwords.</summary>
internal sealed class PostgresServer : LimitServer
{
    private static readonly string[] AsPostgres = ["--reuid=postgres", "--regid=postgres", "--clear-groups"];

    private static readonly string Programs =
        Directory.GetDirectories("/usr/lib/postgresql").Order().Last() + "/bin/";

    private readonly int port = FreePort();
    private readonly Certificates certificates;

    public PostgresServer()
    {
        Configure(Password);
        Directory.CreateDirectory(At("pg"));
        certificates = new Certificates(At("pg/tls"), Names.Right);
        File.WriteAllText(At("pg/password"), Password + "\n");
        Run("chown", "-R", "postgres", At("pg"));
        Run("setpriv", [.. AsPostgres, Programs + "initdb", "-D", At("pg/data"), "-A", "scram-sha-256", "-U", "reader",
            "--pwfile", At("pg/password"), "--no-sync", "-E", "UTF8", "--locale=C"]);
        Start();
        Execute("CREATE TABLE users (name varchar(200) PRIMARY KEY, bytes bigint)");
        Stop();
    }

    public override void Clear() => Execute("DELETE FROM users");

    public override void Set(params IReadOnlyList<(string User, long? Bytes)> users)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO users SELECT * FROM unnest($1, $2) "
            + "ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes";
        command.Parameters.Add(new() { Value = users.Select(user => user.User).ToArray() });
        command.Parameters.Add(new() { Value = users.Select(user => user.Bytes).ToArray() });
        command.ExecuteNonQuery();
    }

    public override void Configure(string password)
    {
        Source = $"sql:{At("pgsql.conf")}";
        var quoted = password.Replace("'", "\\'", StringComparison.Ordinal);
        // Quotes around the whole value would be Dovecot's own: this one has them inside.
        File.WriteAllText(At("pgsql.conf"), $"""
            driver = pgsql
            connect = host={At("pg")} port={port} dbname=postgres user=reader password='{quoted}' connect_timeout=5
            password_query = SELECT password FROM users WHERE userid = '%u'
            user_query = SELECT 5000 AS uid, '*:bytes=' || bytes AS quota_rule \
              FROM users WHERE name = '%u'
            all_query = SELECT name AS user, '*:bytes=' || bytes AS quota_rule FROM users
            """);
    }

    public override (string Right, string Wrong) Names => ("localhost", "127.0.0.1");

    public override void Secure(string authority, string host, string way = "")
    {
        Configure(Password);
        Reconfigure($"host={At("pg")}", $"host={host} sslmode=verify-full sslrootcert={certificates.FileOf(authority)}");
        Reconfigure("'*:bytes=' || bytes", "'*:bytes=' || bytes * (SELECT ssl::int FROM pg_stat_ssl "
            + "WHERE pid = pg_backend_pid())");
    }

    protected override void Begin() =>
        Process = new ServerProcess("/usr/bin/setpriv", [.. AsPostgres, Programs + "postgres", "-D", At("pg/data"),
            "-h", "localhost", "-p", $"{port}", "-k", At("pg"), "-c", "fsync=off", "-c", "ssl=on",
            "-c", $"ssl_cert_file={certificates.Server}", "-c", $"ssl_key_file={certificates.Key}"]).Await(Answers);

    protected override void End()
    {
        // Does not wait for those who are connected.
        Process!.Signal(Signum.SIGINT);
        base.End();
    }

    private void Execute(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private NpgsqlConnection Connect()
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = At("pg"),
            Port = port,
            Username = "reader",
            Password = Password,
            Database = "postgres",
            Pooling = false,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        connection.Open();
        return connection;
    }

    private bool Answers()
    {
        try
        {
            Connect().Dispose();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
