using System.Globalization;
using Microsoft.Data.Sqlite;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>Creates, checks and sets aside the file behind <see cref="WarningStore"/>.</summary>
internal static class WarningStoreSchema
{
    /// <summary>Error code of our own: the file was written by a newer version.</summary>
    public const int TooNew = -2;

    private const int Version = 1;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Opens the file, made with mode 0600 when it is not there; WAL and mode are inherited by its side files.
    /// </summary>
    public static SqliteConnection Connect(string path)
    {
        using (File.Open(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,
            UnixCreateMode = OwnerOnly,
        }))
        {
            if (File.GetUnixFileMode(path) != OwnerOnly) File.SetUnixFileMode(path, OwnerOnly);
        }

        var settings = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 2 };
        var connection = new SqliteConnection(settings.ConnectionString);
        try
        {
            connection.Open();
            Execute(connection, "PRAGMA journal_mode=WAL");
            Execute(connection, "PRAGMA synchronous=NORMAL");
            CheckSound(connection, path);
            Migrate(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static bool IsCorrupt(SqliteException e) => e.SqliteErrorCode is 11 or 26;

    /// <summary>Renames the file and its side files; returns the new name.</summary>
    public static string MoveAside(string path)
    {
        var stamp = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);
        var aside = $"{path}.damaged-{stamp}";
        foreach (var suffix in new[] { "", "-wal", "-shm" })
            if (File.Exists(path + suffix))
                File.Move(path + suffix, aside + suffix);
        return aside;
    }

    private static void CheckSound(SqliteConnection connection, string path)
    {
        var answer = Scalar(connection, "PRAGMA quick_check(1)");
        if (answer != "ok") throw new SqliteException($"{path} fails its check: {answer}", 11);
    }

    private static void Migrate(SqliteConnection connection)
    {
        var found = int.Parse(Scalar(connection, "PRAGMA user_version"), CultureInfo.InvariantCulture);
        if (found > Version) throw new SqliteException($"it has version {found}, newer than {Version}", TooNew);
        if (found == Version) return;
        using var transaction = connection.BeginTransaction();
        Execute(connection, "CREATE TABLE IF NOT EXISTS warning_state "
            + "(mailbox BLOB PRIMARY KEY, state BLOB NOT NULL, pending BLOB NOT NULL) WITHOUT ROWID");
        Execute(connection, "PRAGMA user_version = 1");
        transaction.Commit();
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }
}
