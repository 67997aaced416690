namespace MaildirQuotaWatcher.Peers.Limits;

/// <summary>The servers, each made when a test first asks for it and shared by all of them.</summary>
public sealed class LimitServers : IDisposable
{
    private readonly Dictionary<string, LimitServer> made = [];

    /// <summary>Running, configured, and without a user, whatever the last test has left.</summary>
    internal LimitServer Running(string name)
    {
        if (!made.TryGetValue(name, out var server))
            made[name] = server = name switch
            {
                "PostgreSQL" => new PostgresServer(),
                "MariaDB" => new MariaDbServer(),
                "SQLite" => new SqliteServer(),
                "slapd" => new SlapdServer(),
                _ => throw new ArgumentException(name),
            };
        server.GoOn();
        if (!server.IsRunning)
            server.Start();
        server.Configure(LimitServer.Password);
        server.Clear();
        return server;
    }

    public void Dispose()
    {
        foreach (var server in made.Values)
            server.Dispose();
    }
}
