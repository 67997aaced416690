using System.Text;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// Dovecot's <c>user_attrs</c>: <c>quotaBytes=quota_rule=*:bytes=%$</c> is the attribute, the field, and its value
/// with <c>%$</c> for the attribute's; <c>=quota_rule=*:storage=%{ldap:quota}M</c> names attributes inside, with
/// <c>%{ldap:quota:1000}</c> for one that may be missing. Immutable.
/// </summary>
internal sealed class LdapAttributes
{
    private const string Reference = "%{ldap:";

    private readonly List<(string Attribute, string Field, string Template)> _entries = [];

    private LdapAttributes()
    {
    }

    /// <summary>The attributes to ask the server for.</summary>
    public IReadOnlyList<string> Names => [.. _entries
        .SelectMany(entry => References(entry.Template).Select(reference => reference.Name).Append(entry.Attribute))
        .Where(name => name.Length > 0)
        .Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Takes the entries that are about quota; others (<c>homeDirectory=home</c>) are Dovecot's.</summary>
    public static LdapAttributes Parse(string text)
    {
        var attributes = new LdapAttributes();
        foreach (var entry in Split(text))
        {
            var parts = entry.Split('=', 3);
            if (parts.Length >= 2 && UserFields.NameOf(parts[1]) is { } field)
                attributes._entries.Add((parts[0].Trim(), field, parts.Length == 3 ? parts[2] : "%$"));
        }

        return attributes;
    }

    /// <summary>
    /// The fields of an entry of the directory; one is absent when an attribute of its is.
    /// </summary>
    /// <param name="attribute">The first value of an attribute, or null.</param>
    public UserFields FieldsOf(Func<string, string?> attribute) => UserFields.Create(_entries.Select(entry =>
    {
        var own = entry.Attribute.Length > 0 ? attribute(entry.Attribute) : "";
        var value = own is null ? null : Fill(entry.Template, own, attribute);
        return new KeyValuePair<string, string?>(entry.Field, value);
    }));

    private static string? Fill(string template, string own, Func<string, string?> attribute)
    {
        var text = new StringBuilder();
        var at = 0;
        foreach (var (start, end, name, fallback) in References(template))
        {
            if ((attribute(name) ?? fallback) is not { } value)
                return null;
            text.Append(template[at..start].Replace("%$", own, StringComparison.Ordinal)).Append(value);
            at = end;
        }

        return text.Append(template[at..].Replace("%$", own, StringComparison.Ordinal)).ToString();
    }

    private static IEnumerable<(int Start, int End, string Name, string? Fallback)> References(string template)
    {
        for (var at = 0; (at = template.IndexOf(Reference, at, StringComparison.Ordinal)) >= 0;)
        {
            var end = template.IndexOf('}', at);
            if (end < 0)
                yield break;
            var parts = template[(at + Reference.Length)..end].Split(':', 2);
            yield return (at, end + 1, parts[0], parts.Length > 1 ? parts[1] : null);
            at = end;
        }
    }

    /// <summary>At commas, but not at those in braces.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var (start, depth) = (0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                if (text[start..i].Trim() is { Length: > 0 } entry)
                    yield return entry;
                start = i + 1;
            }
            else
                depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
        }
    }
}
