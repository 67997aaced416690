using System.Collections;
using System.Text;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// The quota fields of one user as Dovecot's userdb calls them, <c>quota_rule</c>, <c>quota2_rule</c>,
/// <c>quota_over_flag</c>, in the order of the source. Immutable, equal by value.
/// </summary>
/// <remarks>
/// Values are as the source has them: <c>%%</c> and <c>%u</c> in them are left to whoever uses them. Names are in lower
/// case, without <c>userdb_</c>, each at most once: the first one stays.
/// </remarks>
internal sealed class UserFields : IEquatable<UserFields>, IReadOnlyList<KeyValuePair<string, string>>
{
    /// <summary>A user who is known and has no quota field.</summary>
    public static readonly UserFields Empty = new([]);

    private const string Prefix = "userdb_";

    private const string OwnRule = "quota_own_rule";

    private readonly KeyValuePair<string, string>[] _fields;

    private UserFields(KeyValuePair<string, string>[] fields) => _fields = fields;

    public int Count => _fields.Length;

    public KeyValuePair<string, string> this[int index] => _fields[index];

    /// <summary>The value of a field; null when the user has none of that name.</summary>
    public string? this[string name] => _fields.FirstOrDefault(field => field.Key == name).Value;

    /// <summary>Keeps what is a quota field; a null value is no field (NULL of SQL).</summary>
    public static UserFields Create(IEnumerable<KeyValuePair<string, string?>> fields)
    {
        var kept = new List<KeyValuePair<string, string>>();
        foreach (var (rawName, value) in fields)
            if (value is not null && NameOf(rawName) is { } name && !kept.Exists(field => field.Key == name))
                kept.Add(new(name, value));
        return kept.Count == 0 ? Empty : new UserFields([.. kept]);
    }

    /// <summary>
    /// The fields <c>quota_own_rule</c>, <c>quota_own_rule2</c>, ... of some rules that have no number: ours, of
    /// sources that Dovecot does not read. They edit the configuration's rules of the same mask, while Dovecot's
    /// <c>quota_rule2</c> stands for the configuration's of that name.
    /// </summary>
    public static UserFields OfRules(IEnumerable<string> rules) => Create(
        rules.Select((rule, i) =>
            new KeyValuePair<string, string?>(i == 0 ? OwnRule : $"{OwnRule}{i + 1}", rule)));

    /// <summary>The name of a quota field in lower case and without <c>userdb_</c>; null when it is none.</summary>
    public static string? NameOf(string rawName)
    {
        var name = rawName.Trim().ToLowerInvariant();
        if (name.StartsWith(Prefix, StringComparison.Ordinal))
            name = name[Prefix.Length..];
        return name.StartsWith("quota", StringComparison.Ordinal)
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? name
            : null;
    }

    /// <summary>One line a field, <c>name=value</c>; reads back by <see cref="FromText"/>.</summary>
    public string ToText() => string.Join('\n', _fields.Select(field => $"{field.Key}={Escape(field.Value)}"));

    /// <summary>Null when it was not made by <see cref="ToText"/>.</summary>
    public static UserFields? FromText(string text)
    {
        if (text.Length == 0)
            return Empty;
        var lines = text.Split('\n').Select(line => line.Split('=', 2)).ToArray();
        return Array.TrueForAll(lines, line => line.Length == 2 && NameOf(line[0]) == line[0])
            ? Create(lines.Select(line => new KeyValuePair<string, string?>(line[0], Unescape(line[1]))))
            : null;
    }

    public bool Equals(UserFields? other) =>
        other is not null && (ReferenceEquals(this, other) || _fields.AsSpan().SequenceEqual(other._fields));

    public override bool Equals(object? obj) => Equals(obj as UserFields);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (name, value) in _fields)
        {
            hash.Add(name);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    /// <summary>
    /// For people: <c>quota_rule=*:storage=1G quota_rule2=Trash:ignore</c>; rules without a number as they are written.
    /// </summary>
    public override string ToString() => string.Join(' ', _fields.Select(field =>
        field.Key.StartsWith(OwnRule, StringComparison.Ordinal) ? field.Value : $"{field.Key}={field.Value}"));

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _fields.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Unescape(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
            text.Append(value[i] != '\\' || ++i == value.Length ? value[Math.Min(i, value.Length - 1)]
                : value[i] == 'n' ? '\n' : value[i]);
        return text.ToString();
    }
}
