using System.Runtime.InteropServices;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// MariaDB's client library, package libmariadb3, as it is (mysql.h of Connector/C 3). Pointers are opaque.
/// </summary>
internal static unsafe partial class LibMariaDb
{
    public const string Name = "libmariadb.so.3";

    public const int MYSQL_OPT_CONNECT_TIMEOUT = 0;
    public const int MYSQL_READ_DEFAULT_FILE = 4;
    public const int MYSQL_READ_DEFAULT_GROUP = 5;
    public const int MYSQL_SET_CHARSET_NAME = 7;
    public const int MYSQL_OPT_READ_TIMEOUT = 11;
    public const int MYSQL_OPT_WRITE_TIMEOUT = 12;
    public const int MYSQL_OPT_SSL_VERIFY_SERVER_CERT = 21;

    [LibraryImport(Name)]
    public static partial nint mysql_init(nint mysql);

    [LibraryImport(Name)]
    public static partial void mysql_close(nint mysql);

    [LibraryImport(Name)]
    public static partial int mysql_options(nint mysql, int option, void* argument);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    public static partial byte mysql_ssl_set(
        nint mysql, string? key, string? certificate, string? ca, string? caDirectory, string? ciphers);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint mysql_real_connect(
        nint mysql, string? host, string? user, string? password, string? database, uint port, string? socket,
        nuint flags);

    [LibraryImport(Name)]
    public static partial int mysql_real_query(nint mysql, byte* sql, nuint length);

    [LibraryImport(Name)]
    public static partial nint mysql_store_result(nint mysql);

    [LibraryImport(Name)]
    public static partial void mysql_free_result(nint result);

    [LibraryImport(Name)]
    public static partial uint mysql_num_fields(nint result);

    /// <summary>MYSQL_FIELD*, whose first member is the name.</summary>
    [LibraryImport(Name)]
    public static partial byte** mysql_fetch_field(nint result);

    [LibraryImport(Name)]
    public static partial byte** mysql_fetch_row(nint result);

    [LibraryImport(Name)]
    public static partial nuint* mysql_fetch_lengths(nint result);

    [LibraryImport(Name)]
    public static partial uint mysql_errno(nint mysql);

    [LibraryImport(Name)]
    public static partial byte* mysql_error(nint mysql);
}
