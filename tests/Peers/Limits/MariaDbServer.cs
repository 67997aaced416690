using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>MariaDB on a UNIX socket in the scratch directory.</summary>
internal sealed class MariaDbServer : LimitServer
{
    private readonly int port = FreePort();
    private readonly Certificates certificates;

    public MariaDbServer()
    {
        Configure(Password);
        certificates = new Certificates(At("tls"), Names.Right);
        Run("mariadb-install-db", "--no-defaults", "--user=root", $"--datadir={At("data")}",
            "--auth-root-authentication-method=normal", "--skip-test-db");
        Start();
        var quoted = Password.Replace("'", "''", StringComparison.Ordinal);
        Execute("CREATE DATABASE mails",
            "CREATE TABLE mails.users (name VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, "
                + "bytes BIGINT)",
            $"CREATE USER reader@localhost IDENTIFIED BY '{quoted}'",
            "GRANT SELECT ON mails.* TO reader@localhost");
        Stop();
    }

    public override void Clear() => Execute("DELETE FROM mails.users");

    public override void Set(params IReadOnlyList<(string User, long? Bytes)> users) => Execute([.. users
        .Select(user => $"({MariaDb.Literal(user.User)}, {user.Bytes?.ToString() ?? "NULL"})")
        .Chunk(1000)
        .Select(rows => $"REPLACE INTO mails.users VALUES {string.Join(',', rows)}")]);

    public override void Configure(string password)
    {
        Source = $"sql:{At("mysql.conf")}";
        var quoted = password.Replace("'", "\\'", StringComparison.Ordinal);
        File.WriteAllText(At("mysql.conf"), $"""
            driver = mysql
            connect = host={At("sock")} dbname=mails user=reader password='{quoted}' read_timeout=30
            user_query = SELECT 5000 AS uid, CONCAT('*:bytes=', bytes) AS quota_rule FROM users WHERE name = '%u'
            all_query = SELECT name AS user, CONCAT('*:bytes=', bytes) AS quota_rule FROM users
            """);
    }

    /// <remarks>Its library goes to a socket where the host is localhost.</remarks>
    public override (string Right, string Wrong) Names => ("127.0.0.1", "127.1");

    public override void Secure(string authority, string host, string way = "")
    {
        Configure(Password);
        Reconfigure($"host={At("sock")}", $"host={host} port={port} ssl_ca={certificates.FileOf(authority)} "
            + "ssl_verify_server_cert=yes");
        Reconfigure("CONCAT('*:bytes=', bytes)", "CONCAT('*:bytes=', IF((SELECT VARIABLE_VALUE FROM "
            + "information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SSL_CIPHER') = '', 0, bytes))");
    }

    /// <summary>Names as a table of usual making has them, which does not tell A from a, nor ü from u.</summary>
    public void SetFolding(params IReadOnlyList<(string User, long Bytes)> users)
    {
        Execute("CREATE TABLE IF NOT EXISTS mails.folding (name VARCHAR(200) CHARACTER SET utf8mb4 "
            + "COLLATE utf8mb4_general_ci, bytes BIGINT)", "DELETE FROM mails.folding");
        Execute([.. users.Select(
            user => $"INSERT INTO mails.folding VALUES ({MariaDb.Literal(user.User)}, {user.Bytes})")]);
        Reconfigure("FROM users", "FROM folding");
        Reconfigure("FROM users", "FROM folding");
    }

    protected override void Begin() =>
        Process = new ServerProcess("/usr/sbin/mariadbd", "--no-defaults", "--user=root", $"--datadir={At("data")}",
            $"--socket={At("sock")}", "--bind-address=localhost", $"--port={port}", $"--pid-file={At("pid")}",
            $"--ssl-cert={certificates.Server}", $"--ssl-key={certificates.Key}",
            $"--ssl-ca={certificates.FileOf(Certificates.Right)}",
            "--innodb-flush-log-at-trx-commit=0").Await(Answers);

    private void Execute(params string[] statements)
    {
        using var connection = Connect();
        foreach (var statement in statements)
            connection.Query(statement);
    }

    private MariaDb Connect() => MariaDb.Connect(new MariaDbOptions { Host = At("sock"), User = "root" });

    private bool Answers()
    {
        try
        {
            Connect().Dispose();
            return true;
        }
        catch (MariaDbException e) when (e.Number != MariaDbException.NoLibrary)
        {
            return false;
        }
    }
}
