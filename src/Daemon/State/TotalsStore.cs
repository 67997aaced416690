using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
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
/// believed for directories that have not changed since. A file that cannot be opened stops nobody: everything is
/// counted, and the writer goes on trying to open it.
/// </remarks>
internal sealed class TotalsStore : IDisposable
{
    /// <summary>Days after which the row of a mailbox that is there is written again, with a new date.</summary>
    private const int Refresh = 30;

    /// <summary>Days after which the row of a mailbox that nobody asked for is removed.</summary>
    private const int Keep = 90;

    private const int KeyBytes = 16;

    private static readonly StateFile File = new("totals.db", 1, """
        CREATE TABLE mailbox (device INTEGER, inode INTEGER, seen INTEGER NOT NULL, saved BLOB NOT NULL,
            PRIMARY KEY (device, inode));
        CREATE TABLE secret (name_key BLOB NOT NULL);
        INSERT INTO secret VALUES (randomblob(16));
        """, "every mailbox is counted once more")
    {
        IsCache = true,
        Probe = "SELECT device, inode, seen, saved, name_key FROM mailbox, secret LIMIT 0",
    };

    private readonly string _directory;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly TotalsWriter _writer;
    private readonly Lock _gate = new();
    private byte[]? _key;
    private SqliteConnection? _reading;
    private sqlite3_stmt? _select;
    private bool _unreadable;
    private bool _inSnapshot;

    private TotalsStore(string directory, ILogger log, TimeProvider time)
    {
        (_directory, _log, _time) = (directory, log, time);
        SqliteConnection? writing = null;
        try
        {
            writing = Connect();
        }
        catch (StateException e)
        {
            log.Warning("{Error:l}; watching goes on without it: every mailbox is counted, tried again every 30 s",
                e.Message);
        }

        _key ??= RandomNumberGenerator.GetBytes(KeyBytes);
        NameKey = new NameHash(
            BinaryPrimitives.ReadUInt64LittleEndian(_key), BinaryPrimitives.ReadUInt64LittleEndian(_key.AsSpan(8)));
        _writer = new TotalsWriter(
            writing, Connect, e => File.Failure(File.PathIn(directory), e), log, () => Today, EndSnapshot);
    }

    /// <summary>The secret of this store: for the hashes of names that are kept in it, and for its seals.</summary>
    public NameHash NameKey { get; }

    /// <summary>Days since 1970.</summary>
    private long Today => _time.GetUtcNow().ToUnixTimeSeconds() / 86_400;

    /// <summary>
    /// Opens or creates the file; one that is damaged or of a newer version is moved aside, one that cannot be opened
    /// is tried again later. Either way there is one warning, and everything is counted.
    /// </summary>
    public static TotalsStore Open(string directory, ILogger log, TimeProvider? time = null) =>
        new(directory, log, time ?? TimeProvider.System);

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
        lock (_gate)
            if (_reading is not null)
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
        lock (_gate)
        {
            _select?.Dispose();
            _reading?.Dispose();
        }
    }

    private static byte[]? ReadKey(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name_key FROM secret";
        return command.ExecuteScalar() as byte[];
    }

    /// <summary>Opens the file for look-ups, and for the writer, which owns what is returned.</summary>
    /// <exception cref="StateException">It cannot be opened.</exception>
    private SqliteConnection Connect()
    {
        var path = File.PathIn(_directory);
        var writing = File.Open(_directory, _log, mayBeAlone: false);
        SqliteConnection? reading = null;
        try
        {
            var stored = ReadKey(writing);
            _key ??= stored is { Length: KeyBytes } ? stored : RandomNumberGenerator.GetBytes(KeyBytes);
            // Rows under another key are refused by their seals.
            if (stored is null || !_key.AsSpan().SequenceEqual(stored))
                StateFile.Execute(
                    writing, $"DELETE FROM secret; INSERT INTO secret VALUES (x'{Convert.ToHexString(_key)}')");
            reading = StateFile.Connect(path);
            StateFile.Execute(reading, "PRAGMA busy_timeout = 2000");
            // Without the layers of ADO.NET: a hundred thousand look-ups are what a start waits for.
            SqliteException.ThrowExceptionForRC(
                sqlite3_prepare_v2(reading.Handle, "SELECT seen, saved FROM mailbox WHERE device = ? AND inode = ?",
                    out var select), reading.Handle);
            lock (_gate)
                (_reading, _select) = (reading, select);
            return writing;
        }
        catch (SqliteException e)
        {
            reading?.Dispose();
            writing.Dispose();
            throw File.Failure(path, e);
        }
    }

    /// <summary>Look-ups see what was stored since; the log is not kept from being put into the file.</summary>
    private void EndSnapshot()
    {
        lock (_gate)
        {
            if (_inSnapshot)
                StateFile.Execute(_reading!, "COMMIT");
            _inSnapshot = false;
        }
    }

    private bool TryRead(ulong device, ulong inode, out long seen, [NotNullWhen(true)] out byte[]? saved)
    {
        (seen, saved) = (0, null);
        lock (_gate)
        {
            if (_reading is null || _select is null)
                return false;
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
