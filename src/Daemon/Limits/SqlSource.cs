using System.Text;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// Limits by an administrator's query, in the format of Dovecot's <c>dovecot-sql.conf.ext</c>: <c>driver</c>,
/// <c>connect</c>, <c>user_query</c>, and of ours <c>all_query</c>, which gives <c>user</c> (or <c>username</c> and
/// <c>domain</c>) with everybody's fields at once.
/// </summary>
/// <remarks>
/// The file is read when it is first needed and again when it has changed. Columns that begin with <c>quota</c> are
/// taken, NULL is absent. <c>iterate_query</c>, <c>password_query</c> and other keys are Dovecot's own and ignored.
/// </remarks>
internal sealed class SqlSource : ILimitSource
{
    private readonly string _path;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile Loaded? _loaded;

    /// <param name="name">As configured.</param>
    /// <param name="path">The file.</param>
    public SqlSource(string name, string path) => (Name, _path) = (name, path);

    public string Name { get; }

    public IReadOnlyList<string> Files => [_path];

    public async Task<UserFields?> FindAsync(string user, CancellationToken stop)
    {
        // A name that is no text is in no table, and servers take it for an error of their own.
        if (user.Contains('\0', StringComparison.Ordinal)
            || Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(user)) != user)
            return null;
        var rows = await QueryAsync(loaded => loaded.OfUser, user, stop).ConfigureAwait(false);
        return rows?.Count switch
        {
            null or 0 => null,
            1 => UserFields.Create(rows[0].Columns),
            _ => throw new LimitSourceException($"{_path}: user_query finds several rows for {user}; "
                + "make it find one", onlyThisUser: true),
        };
    }

    public async Task<IReadOnlyDictionary<string, UserFields>?> ReadAllAsync(CancellationToken stop)
    {
        var rows = await QueryAsync(loaded => loaded.OfAll, "", stop).ConfigureAwait(false);
        if (rows is null)
            return null;
        var pool = new FieldsPool();
        var all = new Dictionary<string, UserFields>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (NameIn(row) is not { } user)
                throw new LimitSourceException(
                    $"{_path}: all_query has no column 'user'; write for example: SELECT username AS user, ...");
            var fields = pool.Share(UserFields.Create(row.Columns));
            // Two limits for one name: user_query has the say, for each one.
            if (!all.TryAdd(user, fields) && all[user] != fields)
                return null;
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        if (_loaded is { } loaded)
            await loaded.Database.DisposeAsync().ConfigureAwait(false);
        _loading.Dispose();
    }

    private static string? NameIn(SqlRow row) =>
        row["user"] ?? (row["domain"] is { } domain ? $"{row["username"]}@{domain}" : row["username"]);

    /// <summary>Null when there is no such statement. The file may change meanwhile.</summary>
    private async Task<IReadOnlyList<SqlRow>?> QueryAsync(
        Func<Loaded, SqlStatement?> choose, string user, CancellationToken stop)
    {
        while (true)
        {
            var loaded = await LoadAsync(stop).ConfigureAwait(false);
            if (choose(loaded) is not { } statement)
                return null;
            try
            {
                return await loaded.Database.QueryAsync(statement, user, stop).ConfigureAwait(false);
            }
            catch (ObjectDisposedException) when (_loaded != loaded)
            {
                // once more, as the new file has it
            }
        }
    }

    private async Task<Loaded> LoadAsync(CancellationToken stop)
    {
        var stamp = LimitFile.Stamp(_path);
        if (_loaded is { } ready && ready.Stamp == stamp)
            return ready;
        await _loading.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            if (_loaded is { } other && other.Stamp == stamp)
                return other;
            var old = _loaded;
            _loaded = Load(stamp);
            if (old is not null)
                await old.Database.DisposeAsync().ConfigureAwait(false);
            return _loaded;
        }
        finally
        {
            _loading.Release();
        }
    }

    private Loaded Load(string stamp)
    {
        var settings = DovecotSettings.Load(_path);
        var driver = settings.Require("driver", "driver = pgsql");
        var ofUser = Parse("user_query", settings.Require("user_query",
            "user_query = SELECT quota_rule FROM users WHERE userid = '%u'"), driver);
        var ofAll = settings["all_query"] is { } query ? Parse("all_query", query, driver) : null;
        if (ofAll is { Parameters.Count: > 0 })
            throw new LimitSourceException($"{_path}: all_query asks for everybody, so it cannot hold a user's name");
        return new Loaded(stamp, SqlDrivers.Open(driver, settings), ofUser, ofAll);
    }

    private SqlStatement Parse(string key, string query, string driver) =>
        SqlStatement.TryParse(query, driver == "mysql", out var statement, out var error)
            ? statement
            : throw new LimitSourceException($"{_path}: {key}: {error}");

    private sealed record Loaded(string Stamp, ISqlDatabase Database, SqlStatement OfUser, SqlStatement? OfAll);
}
