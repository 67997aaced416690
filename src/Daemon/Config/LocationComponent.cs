using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MaildirQuotaWatcher.Config;

/// <summary>One name in a <see cref="LocationPattern"/>: fixed text, or text with variables. Immutable.</summary>
internal sealed class LocationComponent
{
    // fixed text and variables alternate as they were written; a part is one or the other
    private readonly List<(string? Text, char Variable)> _parts = [];

    private LocationComponent()
    {
    }

    public bool IsLiteral => _parts.All(p => p.Text is not null);

    /// <summary>The name itself of a literal component; empty otherwise.</summary>
    public string Literal => IsLiteral ? string.Concat(_parts.Select(p => p.Text)) : "";

    public static bool TryParse(
        string name, [NotNullWhen(true)] out LocationComponent? component, [NotNullWhen(false)] out string? error)
    {
        component = null;
        error = name is "." or ".." ? $"'{name}' is not allowed; write the path without it" : null;
        if (error is not null) return false;

        var made = new LocationComponent();
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '%' || (i + 1 < name.Length && name[i + 1] == '%'))
            {
                text.Append(name[i]);
                if (name[i] == '%') i++;
                continue;
            }
            if (i + 1 == name.Length || name[i + 1] is not ('u' or 'n' or 'd'))
            {
                var variable = i + 1 == name.Length ? "%" : name.Substring(i, 2);
                error = $"unknown variable '{variable}'; "
                    + "use %u (user), %n (name), %d (domain), or %% for a percent sign";
                return false;
            }
            if (text.Length == 0 && made._parts.Count > 0)
            {
                error = $"two variables side by side in '{name}'; put a character between them, such as %n@%d";
                return false;
            }
            if (text.Length > 0) made._parts.Add((text.ToString(), '\0'));
            text.Clear();
            made._parts.Add((null, name[++i]));
        }
        if (text.Length > 0) made._parts.Add((text.ToString(), '\0'));
        component = made;
        return true;
    }

    /// <summary>
    /// Whether a directory's name fits; what the variables stood for is added to <paramref name="values"/>. A variable
    /// is never empty, and stands for the same text wherever it appears.
    /// </summary>
    public bool TryMatch(string name, IDictionary<char, string> values) => Match(name, 0, values);

    /// <summary>The name for these values; null when a variable has none.</summary>
    public string? For(IReadOnlyDictionary<char, string> values)
    {
        var name = new StringBuilder();
        foreach (var (text, variable) in _parts)
        {
            if (text is null && (!values.TryGetValue(variable, out var value) || value.Length == 0))
                return null;
            name.Append(text ?? values[variable]);
        }

        return name.ToString();
    }

    private bool Match(string rest, int part, IDictionary<char, string> values)
    {
        if (part == _parts.Count) return rest.Length == 0;
        var (text, variable) = _parts[part];
        if (text is not null)
            return rest.StartsWith(text, StringComparison.Ordinal) && Match(rest[text.Length..], part + 1, values);

        if (values.TryGetValue(variable, out var known))
            return rest.StartsWith(known, StringComparison.Ordinal) && Match(rest[known.Length..], part + 1, values);
        // the longest first: in name@domain the last @ divides
        for (var length = rest.Length; length > 0; length--)
        {
            values[variable] = rest[..length];
            if (Match(rest[length..], part + 1, values)) return true;
            values.Remove(variable);
        }
        return false;
    }
}
