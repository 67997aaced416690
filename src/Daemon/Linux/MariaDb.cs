using System.Runtime.InteropServices;
using System.Text;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// One connection to a MariaDB or MySQL server, in utf8mb4. One thread; calls block up to the time limit.
/// </summary>
internal sealed unsafe class MariaDb : IDisposable
{
    private nint _handle;

    private MariaDb(nint handle) => _handle = handle;

    /// <exception cref="MariaDbException">The library is missing, or the server does not let us in.</exception>
    public static MariaDb Connect(MariaDbOptions options)
    {
        var connection = new MariaDb(Init());
        try
        {
            connection.Configure(options);
            var isSocket = options.Host.StartsWith('/');
            var host = isSocket || options.Host.Length == 0 ? null : options.Host;
            if (LibMariaDb.mysql_real_connect(connection._handle, host, options.User, options.Password,
                options.Database, (uint)options.Port, isSocket ? options.Host : null, 0) == 0)
                throw connection.Failure();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// SQL for a text, safe whatever it holds: its bytes in hex, <c>_utf8mb4 x'c3a9'</c>, which no SQL mode reads
    /// otherwise.
    /// </summary>
    public static string Literal(string text) =>
        $"_utf8mb4 x'{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text))}'";

    /// <summary>All rows: names and values as text, null for NULL. Empty for a statement that gives none.</summary>
    /// <exception cref="MariaDbException">The server refused or is gone.</exception>
    public IReadOnlyList<KeyValuePair<string, string?>[]> Query(string sql)
    {
        var bytes = Encoding.UTF8.GetBytes(sql);
        fixed (byte* start = bytes)
            if (LibMariaDb.mysql_real_query(_handle, start, (nuint)bytes.Length) != 0)
                throw Failure();
        var result = LibMariaDb.mysql_store_result(_handle);
        if (result == 0)
            return LibMariaDb.mysql_errno(_handle) == 0 ? [] : throw Failure();
        try
        {
            return Read(result);
        }
        finally
        {
            LibMariaDb.mysql_free_result(result);
        }
    }

    public void Dispose()
    {
        if (_handle != 0)
            LibMariaDb.mysql_close(_handle);
        _handle = 0;
    }

    private static nint Init()
    {
        try
        {
            return LibMariaDb.mysql_init(0);
        }
        catch (DllNotFoundException)
        {
            throw new MariaDbException(MariaDbException.NoLibrary, $"the library {LibMariaDb.Name} is not installed");
        }
    }

    private static List<KeyValuePair<string, string?>[]> Read(nint result)
    {
        var names = new string[LibMariaDb.mysql_num_fields(result)];
        for (var i = 0; i < names.Length; i++)
            names[i] = Marshal.PtrToStringUTF8((nint)(*LibMariaDb.mysql_fetch_field(result))) ?? "";
        var rows = new List<KeyValuePair<string, string?>[]>();
        for (byte** row; (row = LibMariaDb.mysql_fetch_row(result)) != null;)
        {
            var lengths = LibMariaDb.mysql_fetch_lengths(result);
            var values = new KeyValuePair<string, string?>[names.Length];
            for (var i = 0; i < names.Length; i++)
                values[i] = new(names[i], row[i] == null ? null : Encoding.UTF8.GetString(row[i], (int)lengths[i]));
            rows.Add(values);
        }

        return rows;
    }

    private void Configure(MariaDbOptions options)
    {
        var seconds = options.TimeoutSeconds;
        foreach (var timeout in new[]
        {
            LibMariaDb.MYSQL_OPT_CONNECT_TIMEOUT, LibMariaDb.MYSQL_OPT_READ_TIMEOUT, LibMariaDb.MYSQL_OPT_WRITE_TIMEOUT,
        })
            _ = LibMariaDb.mysql_options(_handle, timeout, &seconds);
        SetText(LibMariaDb.MYSQL_SET_CHARSET_NAME, "utf8mb4");
        if (options.OptionFile is not null)
            SetText(LibMariaDb.MYSQL_READ_DEFAULT_FILE, options.OptionFile);
        if (options.OptionFile is not null || options.OptionGroup is not null)
            SetText(LibMariaDb.MYSQL_READ_DEFAULT_GROUP, options.OptionGroup ?? "client");
        if (options is { CaFile: null, CaDirectory: null, CertificateFile: null, KeyFile: null, Ciphers: null })
            return;
        _ = LibMariaDb.mysql_ssl_set(_handle, options.KeyFile, options.CertificateFile, options.CaFile,
            options.CaDirectory, options.Ciphers);
        byte verify = options.VerifyServer ? (byte)1 : (byte)0;
        _ = LibMariaDb.mysql_options(_handle, LibMariaDb.MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    }

    private void SetText(int option, string text)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(text + '\0'))
            _ = LibMariaDb.mysql_options(_handle, option, bytes);
    }

    private MariaDbException Failure() => new(
        (int)LibMariaDb.mysql_errno(_handle), Marshal.PtrToStringUTF8((nint)LibMariaDb.mysql_error(_handle)) ?? "");
}
