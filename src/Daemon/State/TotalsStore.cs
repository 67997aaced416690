using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using MaildirQuotaWatcher.Maildir;
using Microsoft.Data.Sqlite;
using Serilog;
using SQLitePCL;
using static SQLitePCL.raw;

namespace MaildirQuotaWatcher.State;

/// <summary>
/// What a restart needs in order not to count everything: per mailbox, known by device and inode of its root, the bytes
/// of one <see cref="SavedMailbox"/>, in <c>totals.db</c> in the state directory. Any thread.
/// </summary>
/// <remarks>
/// A file of its own, because it is the opposite of <c>state.db</c>: large, written all the time, and worth nothing
/// but time. Its damage must not take the warnings with it, its long transactions not make them wait, and whoever
/// wants everything counted anew may remove it. Nothing is read ahead: a look-up by key costs less than opening the
/// mailbox it belongs to, and <see cref="Open"/> has passed through the whole file (its check), so it is in the page
/// cache. What is lost, by kill -9 the last second, by a full disk more, is an older row or none: both are only
/// believed for directories that have not changed since.
/// </remarks>
internal sealed class TotalsStore : IDisposable
{
    /// <summary>Days after which the row of a mailbox that is there is written again, with a new date.</summary>
    private const int Refresh = 30;

    /// <summary>Days after which the row of a mailbox that nobody asked for is removed.</summary>
    private const int Keep = 90;

    private static readonly StateFile File = new("totals.db", 1, """
        CREATE TABLE mailbox (device INTEGER, inode INTEGER, seen INTEGER NOT NULL, saved BLOB NOT NULL,
            PRIMARY KEY (device, inode));
        CREATE TABLE secret (name_key BLOB NOT NULL);
        INSERT INTO secret VALUES (randomblob(16));
        """, "every mailbox is counted once more");

    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly SqliteConnection _reading;
    private readonly sqlite3_stmt _select;
    private readonly TotalsWriter _writer;
    private bool _unreadable;
    private bool _inSnapshot;

    private TotalsStore(string path, SqliteConnection writing, ILogger log, TimeProvider time)
    {
        (_log, _time) = (log, time);
        NameKey = ReadKey(writing, path);
        _reading = StateFile.Connect(path);
        StateFile.Execute(_reading, "PRAGMA busy_timeout = 2000");
        // Without the layers of ADO.NET: a hundred thousand look-ups are what a start waits for.
        SqliteException.ThrowExceptionForRC(
            sqlite3_prepare_v2(_reading.Handle, "SELECT seen, saved FROM mailbox WHERE device = ? AND inode = ?",
                out _select), _reading.Handle);
        _writer = new TotalsWriter(writing, e => File.Failure(path, e), log, () => Today, EndSnapshot);
    }

    /// <summary>The secret of this store: for the hashes of names that are kept in it, and for its seals.</summary>
    public NameHash NameKey { get; }

    /// <summary>Days since 1970.</summary>
    private long Today => _time.GetUtcNow().ToUnixTimeSeconds() / 86_400;

    /// <summary>
    /// Opens or creates the file; a damaged one is moved aside with one warning, so that everything is counted.
    /// </summary>
    /// <exception cref="StateException">It cannot be opened: no rights, locked, made by a newer version.</exception>
    public static TotalsStore Open(string directory, ILogger log, TimeProvider? time = null)
    {
        var writing = File.Open(directory, log);
        try
        {
            return new TotalsStore(File.PathIn(directory), writing, log, time ?? TimeProvider.System);
        }
        catch (SqliteException e)
        {
            writing.Dispose();
            throw File.Failure(File.PathIn(directory), e);
        }
    }

    /// <summary>The bytes saved last; null when there are none, or they cannot be read. Some microseconds.</summary>
    public byte[]? Load(ulong device, ulong inode)
    {
        if (_writer.TryFind((device, inode), out var waiting))
            return waiting;
        if (!TryRead(device, inode, out var seen, out var saved))
            return null;
        if (seen < Today - Refresh)
            _writer.Refresh((device, inode), saved);
        return saved;
    }

    /// <summary>
    /// Every mailbox that is there has been asked for: rows that nobody has asked for in a long time are removed.
    /// </summary>
    public void Loaded()
    {
        lock (_reading)
            StateFile.Execute(_reading, "PRAGMA shrink_memory");
        _writer.Sweep(Today - Keep);
    }

    /// <summary>
    /// Stores these bytes within about a second, the newest of a mailbox winning; returns at once. The array is the
    /// store's from now on.
    /// </summary>
    /// <returns>False when too much is waiting for a slow or full disk: nothing is changed, try again later.</returns>
    public bool Save(ulong device, ulong inode, byte[] saved) => _writer.Put((device, inode), saved);

    /// <summary>The mailbox is gone; returns at once.</summary>
    public void Forget(ulong device, ulong inode) => _writer.Remove((device, inode));

    /// <summary>Waits until everything given so far is stored, or has failed to be, which is in the log.</summary>
    public void Flush() => _writer.Flush();

    /// <summary>Stores what is waiting and closes the file.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        lock (_reading)
        {
            _select.Dispose();
            _reading.Dispose();
        }
    }

    private static NameHash ReadKey(SqliteConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name_key FROM secret";
        return command.ExecuteScalar() is byte[] { Length: 16 } key
            ? new NameHash(
                BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key.AsSpan(8)))
            : throw new SqliteException($"{path} has lost its key", 1);
    }

    /// <summary>Look-ups see what was stored since; the log is not kept from being put into the file.</summary>
    private void EndSnapshot()
    {
        lock (_reading)
        {
            if (_inSnapshot)
                StateFile.Execute(_reading, "COMMIT");
            _inSnapshot = false;
        }
    }

    private bool TryRead(ulong device, ulong inode, out long seen, [NotNullWhen(true)] out byte[]? saved)
    {
        (seen, saved) = (0, null);
        lock (_reading)
        {
            try
            {
                // Look-ups between two writes share one snapshot: most of the time of one is its locks.
                if (!_inSnapshot)
                    StateFile.Execute(_reading, "BEGIN");
                _inSnapshot = true;
                sqlite3_bind_int64(_select, 1, (long)device);
                sqlite3_bind_int64(_select, 2, (long)inode);
                var result = sqlite3_step(_select);
                if (result == SQLITE_ROW)
                    (seen, saved) = (sqlite3_column_int64(_select, 0), sqlite3_column_blob(_select, 1).ToArray());
                else if (result != SQLITE_DONE)
                    SqliteException.ThrowExceptionForRC(result, _reading.Handle);
                return saved is not null;
            }
            catch (SqliteException e)
            {
                if (!_unreadable)
                    _log.Warning(
                        "{Error:l}; mailboxes are counted instead", File.Failure(_reading.DataSource, e).Message);
                _unreadable = true;
                return false;
            }
            finally
            {
                sqlite3_reset(_select);
            }
        }
    }
}
