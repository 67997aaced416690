using System.Text;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// Dovecot's <c>.conf.ext</c> files of SQL and LDAP: <c>key = value</c>, <c>#</c> comments, <c>\</c> at the end of a
/// line, quotes around a whole value (settings.c of 2.3). Keys that nobody asks for are ignored.
/// </summary>
internal sealed class DovecotSettings
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private DovecotSettings(string path) => Path = path;

    public string Path { get; }

    /// <summary>The value; null when the key is absent or empty.</summary>
    public string? this[string key] => _values.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

    /// <exception cref="LimitSourceException">It cannot be read or understood.</exception>
    public static DovecotSettings Load(string path) => Parse(path, LimitFile.ReadLines(path));

    /// <inheritdoc cref="Load"/>
    public static DovecotSettings Parse(string path, IReadOnlyList<string> lines)
    {
        var settings = new DovecotSettings(path);
        var whole = new StringBuilder();
        for (var number = 1; number <= lines.Count; number++)
        {
            var line = lines[number - 1].TrimStart(' ', '\t');
            if (line.StartsWith('#') || line.Length == 0)
                continue;
            line = WithoutComment(line).TrimEnd(' ', '\t', '\r');
            if (line.EndsWith('\\'))
            {
                whole.Append(line[..^1].TrimEnd(' ', '\t')).Append(' ');
                continue;
            }

            whole.Append(line);
            settings.Add(whole.ToString(), number);
            whole.Clear();
        }

        return settings;
    }

    /// <exception cref="LimitSourceException">The key is not there.</exception>
    public string Require(string key, string example) => this[key]
        ?? throw new LimitSourceException($"{Path}: there is no '{key}'; add for example: {example}");

    /// <summary>The template under a key; null when the key is absent.</summary>
    /// <exception cref="LimitSourceException">It holds a variable that is not known.</exception>
    public UserTemplate? Template(string key) =>
        this[key] is not { } text ? null
        : UserTemplate.TryParse(text, out var template, out var error) ? template
        : throw new LimitSourceException($"{Path}: {key}: {error}");

    // No value is ever told: it may be a password.
    private void Add(string line, int number)
    {
        var equals = line.IndexOf('=');
        var key = (equals < 0 ? line : line[..equals]).Trim();
        if (key.StartsWith("!include", StringComparison.Ordinal))
            throw new LimitSourceException(
                $"{Path}:{number}: !include is not followed here; write the settings into this file");
        if (equals < 0 || key.Contains(' ', StringComparison.Ordinal))
            throw new LimitSourceException($"{Path}:{number}: there is no '='; write key = value");
        var value = line[(equals + 1)..].Trim();
        if (value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0])
            value = Unescape(value[1..^1]);
        _values[key] = value;
    }

    private static string WithoutComment(string line)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '#')
                return line[..i];
            if (line[i] is not ('\'' or '"'))
                continue;
            var quote = line[i];
            for (i++; i < line.Length && line[i] != quote; i++)
                if (line[i] == '\\')
                    i++;
        }

        return line;
    }

    private static string Unescape(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
            plain.Append(text[i] == '\\' && i + 1 < text.Length ? text[++i] : text[i]);
        return plain.ToString();
    }
}
