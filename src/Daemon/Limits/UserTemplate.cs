using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// A text with Dovecot's variables for the user: <c>%u</c> whole name, <c>%n</c> before the first <c>@</c>, <c>%d</c>
/// behind it, <c>%%</c> a percent sign; modifiers <c>%Lu</c> lower and <c>%Uu</c> upper case; also <c>%{user}</c>,
/// <c>%{username}</c>, <c>%{domain}</c>, with <c>|lower</c> and <c>|upper</c>. Immutable.
/// </summary>
internal sealed class UserTemplate
{
    /// <summary>Literal text, or what makes the text of a user.</summary>
    private readonly List<(string Text, Func<string, string>? Of)> _pieces = [];

    private UserTemplate()
    {
    }

    public bool HasVariables => _pieces.Exists(piece => piece.Of is not null);

    /// <summary>Parses a whole text.</summary>
    /// <param name="error">Names the variable and the ones there are.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out UserTemplate? template, [NotNullWhen(false)] out string? error)
    {
        (template, error) = (null, null);
        var made = new UserTemplate();
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                literal.Append(text[i]);
                continue;
            }

            if (!TryVariable(text, ref i, out var of, out error))
                return false;
            if (of is null)
            {
                literal.Append('%');
                continue;
            }

            made.Add(literal);
            made._pieces.Add(("", of));
        }

        made.Add(literal);
        template = made;
        return true;
    }

    /// <summary>The text of one user; what comes from his name goes through <paramref name="escape"/>.</summary>
    public string Expand(string user, Func<string, string>? escape = null) => string.Concat(
        _pieces.Select(piece => piece.Of is null ? piece.Text : (escape ?? (text => text))(piece.Of(user))));

    public static string LocalPart(string user) => user.IndexOf('@') is >= 0 and var at ? user[..at] : user;

    public static string Domain(string user) => user.IndexOf('@') is >= 0 and var at ? user[(at + 1)..] : "";

    /// <summary>Reads the variable at a percent sign and moves to its last character; null is <c>%%</c>.</summary>
    public static bool TryVariable(
        string text, ref int at, out Func<string, string>? of, [NotNullWhen(false)] out string? error)
    {
        var start = at++;
        (of, error) = (null, null);
        if (at < text.Length && text[at] == '%')
            return true;
        var change = '\0';
        if (at + 1 < text.Length && text[at] is 'L' or 'U')
            change = text[at++];
        var name = at < text.Length ? text[at].ToString() : "";
        if (name == "{" && text.IndexOf('}', at) is > 0 and var end)
        {
            name = text[(at + 1)..end].Replace(" ", "", StringComparison.Ordinal);
            at = end;
            (change, name) = name.EndsWith("|lower", StringComparison.Ordinal) ? ('L', name[..^6])
                : name.EndsWith("|upper", StringComparison.Ordinal) ? ('U', name[..^6])
                : (change, name);
        }

        of = name switch
        {
            "u" or "user" => user => user,
            "n" or "username" => LocalPart,
            "d" or "domain" => Domain,
            _ => null,
        };
        if (of is null)
        {
            error = $"column {start + 1}: '{text[start..Math.Min(at + 1, text.Length)]}' is not known here; "
                + "use %u (user), %n (before the @), %d (domain), and %% for a percent sign";
            return false;
        }

        var plain = of;
        of = change switch
        {
            'L' => user => plain(user).ToLowerInvariant(),
            'U' => user => plain(user).ToUpperInvariant(),
            _ => plain,
        };
        return true;
    }

    private void Add(StringBuilder literal)
    {
        if (literal.Length > 0)
            _pieces.Add((literal.ToString(), null));
        literal.Clear();
    }
}
