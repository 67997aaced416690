using System.Text;

namespace MaildirQuotaWatcher.Limits;

/// <summary>The databases by the words of Dovecot's <c>driver =</c>, and the words of <c>connect =</c>.</summary>
internal static class SqlDrivers
{
    /// <summary>Seconds that connecting, and then an answer, may take.</summary>
    public const int Seconds = 10;

    /// <exception cref="LimitSourceException">The driver or its connect line is not understood.</exception>
    public static ISqlDatabase Open(string driver, DovecotSettings settings)
    {
        var connect = settings.Require("connect", driver == "sqlite"
            ? "connect = /var/lib/mail/users.sqlite"
            : "connect = host=localhost dbname=mails user=reader password=secret");
        return driver switch
        {
            "pgsql" => new PostgresDatabase(settings.Path, Words(settings.Path, connect)),
            "mysql" => new MySqlDatabase(settings.Path, Words(settings.Path, connect)),
            "sqlite" => new SqliteDatabase(connect),
            _ => throw new LimitSourceException(
                $"{settings.Path}: driver '{driver}' is not known; use pgsql, mysql, or sqlite"),
        };
    }

    /// <summary>
    /// <c>name=value</c> words as libpq has them: blanks part them, single quotes keep blanks, a backslash escapes. A
    /// name may come twice (several hosts).
    /// </summary>
    /// <exception cref="LimitSourceException">A word without '='; no value is told, it may be a password.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Words(string path, string connect)
    {
        var words = new List<KeyValuePair<string, string>>();
        for (var at = 0; ;)
        {
            while (at < connect.Length && char.IsWhiteSpace(connect[at]))
                at++;
            if (at == connect.Length)
                return words;
            var equals = connect.IndexOf('=', at);
            var name = equals < 0 ? "" : connect[at..equals].Trim();
            if (name.Length == 0 || name.Any(char.IsWhiteSpace))
                throw new LimitSourceException($"{path}: connect, column {at + 1}: there is no name=value");
            for (at = equals + 1; at < connect.Length && char.IsWhiteSpace(connect[at]);)
                at++;
            words.Add(new(name, Value(path, connect, ref at)));
        }
    }

    private static string Value(string path, string connect, ref int at)
    {
        var start = at;
        var quoted = at < connect.Length && connect[at] == '\'';
        var text = new StringBuilder();
        for (at += quoted ? 1 : 0; at < connect.Length; at++)
        {
            var c = connect[at];
            if (quoted ? c == '\'' : char.IsWhiteSpace(c))
                break;
            if (c == '\\' && at + 1 < connect.Length)
                c = connect[++at];
            text.Append(c);
        }

        if (quoted && at++ == connect.Length)
            throw new LimitSourceException($"{path}: connect, column {start + 1}: the quote is not closed");
        return text.ToString();
    }
}
