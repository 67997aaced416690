using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>MariaDB on a UNIX socket in the scratch directory.</summary>
internal sealed class MariaDbServer : LimitServer
{
    public MariaDbServer()
    {
        Configure(Password);
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
            connect = host={At("sock")} dbname=mails user=reader password='{quoted}' read_timeout=3
            user_query = SELECT 5000 AS uid, CONCAT('*:bytes=', bytes) AS quota_rule FROM users WHERE name = '%u'
            all_query = SELECT name AS user, CONCAT('*:bytes=', bytes) AS quota_rule FROM users
            """);
    }

    protected override void Begin() =>
        Process = new ServerProcess("/usr/sbin/mariadbd", "--no-defaults", "--user=root", $"--datadir={At("data")}",
            $"--socket={At("sock")}", "--skip-networking", $"--pid-file={At("pid")}",
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
