using System.Globalization;
using Microsoft.Data.Sqlite;
using Serilog;

namespace MaildirQuotaWatcher.State;

/// <summary>
/// What a SQLite file in the state directory is: WAL, mode 0600, checked when it is opened, moved aside when damaged;
/// one that is a cache also when a newer version has made it.
/// </summary>
/// <param name="Name">Its name in the directory.</param>
/// <param name="Version">The <c>user_version</c> that <paramref name="Schema"/> makes, from 1.</param>
/// <param name="Schema">Statements that make an empty file one of this version.</param>
/// <param name="Loss">What it costs to begin anew, for people: "warnings repeat once".</param>
/// <param name="Upgrade">Statements that make a file of the version before one of this; null for none.</param>
/// <remarks>
/// A committed transaction survives kill -9 (it is in the page cache); with <c>synchronous=NORMAL</c> a power failure
/// may lose the last ones, but never damages the file. WAL needs a side file of 32 KB even for reading; where there is
/// no room for it the file is opened for this process alone, which keeps that index in memory.
/// </remarks>
internal sealed record StateFile(string Name, int Version, string Schema, string Loss, string? Upgrade = null)
{
    /// <summary>Error code of our own: the file was written by a newer version.</summary>
    private const int TooNew = -2;

    private static readonly string[] SideFiles = ["", "-wal", "-shm"];

    /// <summary>Files of a cache that were moved aside and are kept.</summary>
    private const int MostAside = 3;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Worth nothing but time: whatever cannot be used is moved aside, and only a few such are kept.</summary>
    public bool IsCache { get; init; }

    /// <summary>A query that fails where the tables are not those of this version; null for none.</summary>
    public string? Probe { get; init; }

    public string PathIn(string directory) => Path.Combine(directory, Name);

    /// <summary>Opens or creates file and directory; a damaged file is moved aside and a new one begun.</summary>
    /// <param name="mayBeAlone">On a full disk nobody else can open the file while this connection is open.</param>
    /// <exception cref="StateException">It cannot be opened: no rights, locked, no room; made by a newer version,
    /// unless it is a cache.</exception>
    public SqliteConnection Open(string directory, ILogger log, bool mayBeAlone = true)
    {
        var path = PathIn(directory);
        try
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
            try
            {
                return Prepare(path);
            }
            catch (SqliteException e) when (FaultOf(e) is { } fault)
            {
                var aside = MoveAside(path, fault);
                log.Warning("{File} is {Fault:l} ({Error:l}); moved to {Aside}, a new one is begun: {Loss:l}",
                    path, fault, e.Message, aside, Loss);
                if (IsCache)
                    RemoveOldest(path, log);
                return Prepare(path);
            }
            catch (SqliteException e) when (mayBeAlone && IsWithoutRoom(e))
            {
                var connection = TryPrepareAlone(path) ?? throw Failure(path, e);
                log.Warning("{Error:l}. It is used all the same, what is to be stored waits in memory; until the next "
                    + "start no other program can read it", Failure(path, e).Message);
                return connection;
            }
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw Failure(path, e);
        }
    }

    /// <summary>One that is nowhere on disk and ends with its connection.</summary>
    public SqliteConnection OpenInMemory()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        Migrate(connection);
        return connection;
    }

    /// <summary>A connection that changes nothing, beside a daemon that has the file open or without one.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static SqliteConnection ConnectReadOnly(string path)
    {
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = path, Pooling = false, DefaultTimeout = 2, Mode = SqliteOpenMode.ReadOnly,
        };
        var connection = new SqliteConnection(settings.ConnectionString);
        connection.Open();
        return connection;
    }

    /// <summary>One more connection to a file that <see cref="Open"/> has opened.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static SqliteConnection Connect(string path) => Connect(path, alone: false);

    private static SqliteConnection Connect(string path, bool alone)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 2 };
        var connection = new SqliteConnection(settings.ConnectionString);
        try
        {
            connection.Open();
            if (alone)
                Execute(connection, "PRAGMA locking_mode=EXCLUSIVE");
            Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The sentence for an error, with its cure.</summary>
    public StateException Failure(string path, Exception e)
    {
        var cure = e is not SqliteException sqlite
            ? "check that the directory exists and that this account may write there"
            : sqlite.SqliteErrorCode switch
            {
                5 or 6 => "another program holds it: stop a second daemon, or close the sqlite3 shell on it",
                8 or 14 or 23 => "check that this account owns the file and may write its directory",
                13 => "free space on that file system",
                11 or 26 => "it is damaged: restart the daemon, which moves it aside",
                TooNew => $"use the version that wrote it, or remove the file ({Loss})",
                10 => "free space on that file system, or check it",
                _ => $"check the file system, or remove the file ({Loss})",
            };
        return new StateException($"state file {path}: {e.Message.TrimEnd('.')}; {cure}", e);
    }

    /// <summary>Why the file is to be moved aside; null when that would not help.</summary>
    private string? FaultOf(SqliteException e) => e.SqliteErrorCode switch
    {
        11 or 26 => "damaged",
        TooNew when IsCache => "newer",
        1 when IsCache => "damaged",
        _ => null,
    };

    /// <summary>Full, or the side file cannot be made, which on a full disk fails in either way.</summary>
    private static bool IsWithoutRoom(SqliteException e) => e.SqliteErrorCode is 10 or 13 or 14;

    /// <summary>Renames the file and its side files; returns the new name.</summary>
    private static string MoveAside(string path, string fault)
    {
        var stamp = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        var aside = $"{path}.{fault}-{stamp}";
        foreach (var suffix in SideFiles)
            if (File.Exists(path + suffix))
                File.Move(path + suffix, aside + suffix);
        return aside;
    }

    private static void RemoveOldest(string path, ILogger log)
    {
        var aside = Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*-2*Z")
            .OrderByDescending(file => file[file.LastIndexOf('-')..], StringComparer.Ordinal);
        foreach (var old in aside.Skip(MostAside))
        {
            foreach (var suffix in SideFiles)
                File.Delete(old + suffix);
            log.Information("{File} is removed: {Kept} that were moved aside later are kept", old, MostAside);
        }
    }

    private SqliteConnection? TryPrepareAlone(string path)
    {
        try
        {
            return Prepare(path, alone: true);
        }
        catch (SqliteException)
        {
            // The first failure says more.
            return null;
        }
    }

    /// <summary>Made with mode 0600 when it is not there, which its side files inherit.</summary>
    private SqliteConnection Prepare(string path, bool alone = false)
    {
        using (File.Open(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,
            UnixCreateMode = OwnerOnly,
        }))
        {
            if (File.GetUnixFileMode(path) != OwnerOnly)
                File.SetUnixFileMode(path, OwnerOnly);
        }

        var connection = Connect(path, alone);
        try
        {
            var answer = Scalar(connection, "PRAGMA quick_check(1)");
            if (answer != "ok")
                throw new SqliteException($"{path} fails its check: {answer}", 11);
            Migrate(connection);
            if (Probe is not null)
                Execute(connection, Probe);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Migrate(SqliteConnection connection)
    {
        var found = int.Parse(Scalar(connection, "PRAGMA user_version"), CultureInfo.InvariantCulture);
        if (found > Version)
            throw new SqliteException($"it has version {found}, newer than {Version}", TooNew);
        if (found == Version)
            return;
        using var transaction = connection.BeginTransaction();
        Execute(connection, found > 0 && found == Version - 1 && Upgrade is not null ? Upgrade : Schema);
        Execute(connection, $"PRAGMA user_version = {Version}");
        transaction.Commit();
    }

    private static string Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }
}
