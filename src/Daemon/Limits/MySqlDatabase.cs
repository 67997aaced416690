using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Limits;

/// <summary>MariaDB and MySQL through libmariadb, on a thread of its own with one connection.</summary>
internal sealed class MySqlDatabase : ISqlDatabase
{
    private readonly string _path;
    private readonly MariaDbOptions _options;
    private readonly string[] _hosts;
    private readonly OwnThread _thread;
    private MariaDb? _connection;

    /// <param name="path">The file that the words are from, for messages.</param>
    /// <param name="connect">Words of Dovecot's mysql driver; a host that begins with a slash is a socket.</param>
    public MySqlDatabase(string path, IReadOnlyList<KeyValuePair<string, string>> connect)
    {
        _path = path;
        var options = new MariaDbOptions { TimeoutSeconds = SqlDrivers.Seconds };
        var hosts = new List<string>();
        foreach (var (name, value) in connect)
            options = name switch
            {
                "host" => Host(value),
                "port" => options with { Port = Number(name, value) },
                "dbname" => options with { Database = value },
                "user" => options with { User = value },
                "password" => options with { Password = value },
                "connect_timeout" or "read_timeout" or "write_timeout" =>
                    options with { TimeoutSeconds = (uint)Number(name, value) },
                "ssl_ca" => options with { CaFile = value },
                "ssl_ca_path" => options with { CaDirectory = value },
                "ssl_cert" => options with { CertificateFile = value },
                "ssl_key" => options with { KeyFile = value },
                "ssl_cipher" => options with { Ciphers = value },
                "ssl_verify_server_cert" => options with { VerifyServer = value == "yes" },
                "option_file" => options with { OptionFile = value },
                "option_group" => options with { OptionGroup = value },
                "client_flags" or "maxconns" => options,
                _ => throw new LimitSourceException($"{path}: connect: '{name}' is not known; use host, port, dbname, "
                    + "user, password, connect_timeout, ssl_ca, ssl_ca_path, ssl_cert, ssl_key, option_file"),
            };
        _options = options;
        _hosts = hosts.Count == 0 ? [""] : [.. hosts];
        _thread = new OwnThread("limits-mysql", Close);
        Place = $"MariaDB/MySQL at {string.Join(", ", hosts.DefaultIfEmpty("localhost"))}";

        MariaDbOptions Host(string value)
        {
            hosts.Add(value);
            return options;
        }
    }

    public string Place { get; }

    public Task<IReadOnlyList<SqlRow>> QueryAsync(SqlStatement statement, string user, CancellationToken stop)
    {
        // Bytes in hex are text whatever the server's modes and character sets are: nothing to escape.
        var sql = statement.Text(i => MariaDb.Literal(statement.Parameters[i].Expand(user)));
        return _thread.RunAsync(() => Query(sql), stop);
    }

    public ValueTask DisposeAsync()
    {
        _thread.Dispose();
        return ValueTask.CompletedTask;
    }

    private IReadOnlyList<SqlRow> Query(string sql)
    {
        try
        {
            return Query(sql, mayReconnect: _connection is not null);
        }
        catch (MariaDbException e)
        {
            Close();
            var cure = e.Number switch
            {
                MariaDbException.NoLibrary =>
                    "install the package libmariadb3 (Debian, Ubuntu) or mariadb-connector-c (Fedora, RHEL)",
                MariaDbException.NoSecurity => $"check ssl_ca, ssl_verify_server_cert and host in {_path}",
                1044 or 1045 or 1698 => $"check user and password of connect in {_path}",
                1049 => $"check dbname in {_path}",
                >= 2000 and < 3000 => $"start the server, or check host and port in {_path}",
                1053 => "start the server",
                _ => $"check the queries in {_path}, and what its user may read",
            };
            throw new LimitSourceException($"{Place}: {e.Message.TrimEnd('.')}; {cure}", inner: e);
        }
    }

    private IReadOnlyList<SqlRow> Query(string sql, bool mayReconnect)
    {
        try
        {
            _connection ??= Connect();
            return [.. _connection.Query(sql).Select(row => new SqlRow(row))];
        }
        catch (MariaDbException e) when (mayReconnect && e.IsConnectionLost)
        {
            // The server closes connections that nobody has used for a while.
            Close();
            return Query(sql, mayReconnect: false);
        }
    }

    private MariaDb Connect()
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return MariaDb.Connect(_options with { Host = _hosts[i] });
            }
            catch (MariaDbException e) when (i + 1 < _hosts.Length && e.Number != MariaDbException.NoLibrary)
            {
                // the next host
            }
        }
    }

    private void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private int Number(string name, string value) => int.TryParse(value, out var number) && number >= 0
        ? number
        : throw new LimitSourceException($"{_path}: connect: {name} is not a number");
}
