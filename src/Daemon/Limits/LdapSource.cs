using System.DirectoryServices.Protocols;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// Limits from a directory, in the format of Dovecot's <c>dovecot-ldap.conf.ext</c>: <c>user_filter</c> finds the
/// user, <c>user_attrs</c> makes fields of his attributes; with <c>iterate_filter</c> everybody is asked for at once.
/// </summary>
/// <remarks>The library blocks, so it has a thread of its own, and one connection.</remarks>
internal sealed class LdapSource : ILimitSource
{
    private readonly string _path;
    private readonly OwnThread _thread;
    private LdapSettings? _settings;
    private string? _stamp;
    private LdapServer? _server;

    public LdapSource(string name, string path)
    {
        (Name, _path) = (name, path);
        _thread = new OwnThread("limits-ldap", Close);
    }

    public string Name { get; }

    public IReadOnlyList<string> Files => [_path];

    public Task<UserFields?> FindAsync(string user, CancellationToken stop) =>
        _thread.RunAsync(() => WithServer((server, settings) => Find(server, settings, user)), stop);

    public Task<IReadOnlyDictionary<string, UserFields>?> ReadAllAsync(CancellationToken stop) =>
        _thread.RunAsync(() => WithServer(ReadAll), stop);

    public ValueTask DisposeAsync()
    {
        _thread.Dispose();
        return ValueTask.CompletedTask;
    }

    private static UserFields? Find(LdapServer server, LdapSettings settings, string user)
    {
        var filter = settings.UserFilter.Expand(user, LdapEscape.Text);
        var entries = server.Search(settings.Base.Expand(user, LdapEscape.Text), filter, settings.Attributes.Names);
        return entries.Count switch
        {
            0 => null,
            1 => settings.Attributes.FieldsOf(name => LdapServer.FirstValue(entries[0], name)),
            _ => throw new LimitSourceException($"{settings.Path}: user_filter finds {entries.Count} entries for "
                + $"{user}; make it find one", onlyThisUser: true),
        };
    }

    private static IReadOnlyDictionary<string, UserFields>? ReadAll(LdapServer server, LdapSettings settings)
    {
        if (settings.Filter is null || settings.Base.HasVariables)
            return null;
        var pool = new FieldsPool();
        var all = new Dictionary<string, UserFields>(StringComparer.Ordinal);
        string[] names = [.. settings.Attributes.Names, settings.NameAttribute];
        foreach (var entry in server.Search(settings.Base.Expand(""), settings.Filter, names))
        {
            if (LdapServer.FirstValue(entry, settings.NameAttribute) is not { } user)
                continue;
            var fields = pool.Share(settings.Attributes.FieldsOf(name => LdapServer.FirstValue(entry, name)));
            // Two limits for one name: user_filter has the say, for each one.
            if (!all.TryAdd(user, fields) && all[user] != fields)
                return null;
        }

        return all;
    }

    private T WithServer<T>(Func<LdapServer, LdapSettings, T> ask)
    {
        var stamp = LimitFile.Stamp(_path);
        if (_settings is null || stamp != _stamp)
        {
            Close();
            (_settings, _stamp) = (new LdapSettings(DovecotSettings.Load(_path)), stamp);
        }

        var wasOpen = _server is not null;
        try
        {
            return ask(_server ??= LdapServer.Connect(_settings), _settings);
        }
        catch (LdapServerLostException) when (wasOpen)
        {
            // The server closes connections that nobody has used for a while.
            Close();
        }
        catch (LdapServerLostException e)
        {
            Close();
            throw e.ForPeople;
        }

        try
        {
            return ask(_server = LdapServer.Connect(_settings), _settings);
        }
        catch (LdapServerLostException e)
        {
            Close();
            throw e.ForPeople;
        }
    }

    private void Close()
    {
        _server?.Dispose();
        _server = null;
    }
}
