using System.Security.Authentication;
using Npgsql;
using NpgsqlTypes;

namespace MaildirQuotaWatcher.Limits;

/// <summary>PostgreSQL by Npgsql. A connection that has not been used for a minute is closed.</summary>
internal sealed class PostgresDatabase : ISqlDatabase
{
    private const string DefaultHost = "/var/run/postgresql";

    private readonly string _path;
    private readonly NpgsqlDataSource _source;

    /// <param name="path">The file that the words are from, for messages.</param>
    /// <param name="connect">Words of libpq.</param>
    public PostgresDatabase(string path, IReadOnlyList<KeyValuePair<string, string>> connect)
    {
        _path = path;
        var builder = new NpgsqlSlimDataSourceBuilder();
        builder.EnableTransportSecurity();
        // Every value comes as text, so no type has to be known.
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        var settings = builder.ConnectionStringBuilder;
        settings.Timeout = settings.CommandTimeout = SqlDrivers.Seconds;
        settings.ConnectionIdleLifetime = 60;
        settings.MaxPoolSize = LimitService.QueriesAtOnce;
        settings.ApplicationName = "maildir-quota-watcher";
        foreach (var (name, value) in connect)
            Set(settings, name, value);
        settings.Host ??= DefaultHost;
        Place = $"PostgreSQL at {settings.Host}";
        _source = builder.Build();
    }

    public string Place { get; }

    public async Task<IReadOnlyList<SqlRow>> QueryAsync(SqlStatement statement, string user, CancellationToken stop)
    {
        try
        {
            try
            {
                return await AskAsync(statement, user, stop).ConfigureAwait(false);
            }
            catch (NpgsqlException e) when (IsConnectionLost(e))
            {
                // The server has closed what was open, as at its restart: once more with a new connection.
                _source.Clear();
                return await AskAsync(statement, user, stop).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            throw Failure(e);
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static bool IsConnectionLost(NpgsqlException e) =>
        e is PostgresException { SqlState: "57P01" or "57P02" } || e.InnerException is IOException;

    private async Task<IReadOnlyList<SqlRow>> AskAsync(SqlStatement statement, string user, CancellationToken stop)
    {
        await using var connection = await _source.OpenConnectionAsync(stop).ConfigureAwait(false);
        await using var command = connection.CreateCommand();
        command.CommandText = statement.Text(i => $"${i + 1}");
        command.AllResultTypesAreUnknown = true;
        foreach (var parameter in statement.Parameters)
            command.Parameters.Add(new NpgsqlParameter
            {
                // Like a quoted text: the server finds the type by where it stands.
                NpgsqlDbType = NpgsqlDbType.Unknown,
                Value = parameter.Expand(user),
            });
        return await ReadAsync(command, stop).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<SqlRow>> ReadAsync(NpgsqlCommand command, CancellationToken stop)
    {
        await using var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
        var rows = new List<SqlRow>();
        while (await reader.ReadAsync(stop).ConfigureAwait(false))
            rows.Add(new SqlRow([.. Enumerable.Range(0, reader.FieldCount).Select(i =>
                new KeyValuePair<string, string?>(
                    reader.GetName(i), reader.IsDBNull(i) ? null : reader.GetString(i)))]));
        return rows;
    }

    private LimitSourceException Failure(Exception e)
    {
        var (what, cure) = e switch
        {
            PostgresException { SqlState: "28P01" or "28000" } login =>
                (login.MessageText, $"check user and password of connect in {_path}"),
            PostgresException { SqlState: "3D000" } missing => (missing.MessageText, $"check dbname in {_path}"),
            PostgresException { SqlState: ['4', '2', ..] } query =>
                (query.MessageText, $"check the queries in {_path}, and what its user may read"),
            PostgresException { SqlState: ['2', '2', ..] } data => (data.MessageText, $"check the queries in {_path}"),
            PostgresException { SqlState: ['5', '7', ..] } stopping => (stopping.MessageText, "start the server"),
            PostgresException other => (other.MessageText, $"check the server and {_path}"),
            { InnerException: AuthenticationException tls } =>
                ($"no secure connection ({tls.Message.TrimEnd('.')})",
                    $"check sslmode, sslrootcert and host in {_path}"),
            { InnerException: TimeoutException } or TimeoutException =>
                ($"no answer within {SqlDrivers.Seconds} s", "check the server"),
            _ => ((e.InnerException ?? e).Message.TrimEnd('.'), $"start the server, or check host and port in {_path}"),
        };
        // A data exception, such as a name where the query compares numbers, is that user's.
        var onlyThisUser = e is PostgresException { SqlState: ['2', '2', ..] };
        return new LimitSourceException($"{Place}: {what}; {cure}", onlyThisUser, e);
    }

    private void Set(NpgsqlConnectionStringBuilder settings, string name, string value)
    {
        switch (name)
        {
            case "host" or "hostaddr":
                settings.Host = settings.Host is null ? value : $"{settings.Host},{value}";
                break;
            case "port": settings.Port = Number(name, value); break;
            case "dbname": settings.Database = value; break;
            case "user": settings.Username = value; break;
            case "password": settings.Password = value; break;
            case "passfile": settings.Passfile = value; break;
            case "connect_timeout": settings.Timeout = Number(name, value); break;
            case "application_name": settings.ApplicationName = value; break;
            case "options": settings.Options = value; break;
            case "sslmode": settings.SslMode = Security(value); break;
            case "sslrootcert": settings.RootCertificate = value; break;
            case "sslcert": settings.SslCertificate = value; break;
            case "sslkey": settings.SslKey = value; break;
            case "maxconns": break; // Dovecot's own
            default:
                throw new LimitSourceException($"{_path}: connect: '{name}' is not known; use host, port, dbname, "
                    + "user, password, passfile, connect_timeout, options, sslmode, sslrootcert, sslcert, sslkey");
        }
    }

    private SslMode Security(string value) => value switch
    {
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "prefer" => SslMode.Prefer,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => throw new LimitSourceException($"{_path}: connect: sslmode is not known; use disable, allow, prefer, "
            + "require, verify-ca, or verify-full"),
    };

    private int Number(string name, string value) => int.TryParse(value, out var number) && number >= 0
        ? number
        : throw new LimitSourceException($"{_path}: connect: {name} is not a number");
}
