using Microsoft.Data.Sqlite;

namespace MaildirQuotaWatcher.State;

/// <summary>The statements of <see cref="TotalsWriter"/>; each may throw <see cref="SqliteException"/>.</summary>
internal sealed class TotalsRows : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _upsert;
    private readonly SqliteCommand _delete;

    /// <param name="connection">Not owned.</param>
    /// <param name="today">The date that rows get, days since 1970.</param>
    public TotalsRows(SqliteConnection connection, long today)
    {
        _connection = connection;
        _upsert = connection.CreateCommand();
        _upsert.CommandText = "INSERT INTO mailbox (device, inode, seen, saved) VALUES ($d, $i, $t, $s) "
            + "ON CONFLICT (device, inode) DO UPDATE SET seen = excluded.seen, saved = excluded.saved";
        _delete = connection.CreateCommand();
        _delete.CommandText = "DELETE FROM mailbox WHERE device = $d AND inode = $i";
        foreach (var command in new[] { _upsert, _delete })
        {
            command.Parameters.Add("$d", SqliteType.Integer);
            command.Parameters.Add("$i", SqliteType.Integer);
        }

        _upsert.Parameters.Add("$t", SqliteType.Integer).Value = today;
        _upsert.Parameters.Add("$s", SqliteType.Blob);
    }

    /// <summary>All of it in one transaction; null removes the row.</summary>
    public void Write(IEnumerable<KeyValuePair<(ulong Device, ulong Inode), byte[]?>> rows)
    {
        using var transaction = _connection.BeginTransaction();
        (_upsert.Transaction, _delete.Transaction) = (transaction, transaction);
        foreach (var ((device, inode), saved) in rows)
        {
            var command = saved is null ? _delete : _upsert;
            command.Parameters[0].Value = (long)device;
            command.Parameters[1].Value = (long)inode;
            if (saved is not null)
                command.Parameters[3].Value = saved;
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    /// <summary>Removes rows of an older date.</summary>
    public void Sweep(long before)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "DELETE FROM mailbox WHERE seen < $t; PRAGMA shrink_memory";
        command.Parameters.AddWithValue("$t", before);
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        _upsert.Dispose();
        _delete.Dispose();
    }
}
