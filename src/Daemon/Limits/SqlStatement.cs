using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// An administrator's query, parted where the user's name comes in, so that it goes there as a parameter and is never
/// pasted: <c>WHERE id = '%n' AND domain = '%d'</c> has two parameters. Immutable.
/// </summary>
/// <param name="Pieces">SQL around the parameters, one piece more than there are.</param>
/// <param name="Parameters">What each one is, of a user.</param>
internal sealed record SqlStatement(IReadOnlyList<string> Pieces, IReadOnlyList<UserTemplate> Parameters)
{
    /// <summary>
    /// Parses Dovecot's form of a query. A quoted text with a variable in it is one parameter, with its quotes; a
    /// variable outside of quotes is one too; <c>%%</c> is a percent sign.
    /// </summary>
    /// <param name="backslashes">MySQL: a backslash escapes, and double quotes hold text.</param>
    /// <param name="error">Names the column and the cure.</param>
    public static bool TryParse(string query, bool backslashes,
        [NotNullWhen(true)] out SqlStatement? statement, [NotNullWhen(false)] out string? error)
    {
        (statement, error) = (null, null);
        var pieces = new List<string>();
        var parameters = new List<UserTemplate>();
        var piece = new StringBuilder();
        for (var i = 0; i < query.Length; i++)
        {
            var c = query[i];
            if (c == '%')
            {
                var start = i;
                if (!UserTemplate.TryVariable(query, ref i, out var of, out error))
                    return false;
                if (of is null)
                    piece.Append('%');
                else if (!AddParameter(query[start..(i + 1)], start, out error))
                    return false;
            }
            else if (c is '\'' or '"' or '`')
            {
                var start = i;
                if (!TryQuoted(query, ref i, backslashes, out var text))
                {
                    error = $"column {start + 1}: the quote is not closed";
                    return false;
                }

                if (!text.Contains('%', StringComparison.Ordinal))
                    piece.Append(query, start, i + 1 - start);
                else if (c != '\'' && !(backslashes && c == '"'))
                    piece.Append(query[start..(i + 1)].Replace("%%", "%", StringComparison.Ordinal));
                else if (IsPrefixed(query, start))
                {
                    error = $"column {start}: a text with a variable cannot have a letter before its quote; remove it";
                    return false;
                }
                else if (!AddParameter(text, start, out error))
                    return false;
            }
            else
                piece.Append(c);
        }

        pieces.Add(piece.ToString());
        statement = new SqlStatement(pieces, parameters);
        return true;

        bool AddParameter(string text, int at, [NotNullWhen(false)] out string? problem)
        {
            if (!UserTemplate.TryParse(text, out var template, out problem))
            {
                problem = $"in the text at column {at + 1}: {problem}";
                return false;
            }

            pieces.Add(piece.ToString());
            piece.Clear();
            parameters.Add(template);
            return true;
        }
    }

    /// <summary>The statement with a marker, counted from 0, at the place of each parameter.</summary>
    public string Text(Func<int, string> marker)
    {
        var text = new StringBuilder(Pieces[0]);
        for (var i = 0; i < Parameters.Count; i++)
            text.Append(marker(i)).Append(Pieces[i + 1]);
        return text.ToString();
    }

    /// <summary>Reads to the closing quote; gives what is between, unescaped.</summary>
    private static bool TryQuoted(string query, ref int at, bool backslashes, out string text)
    {
        var quote = query[at];
        var plain = new StringBuilder();
        text = "";
        for (at++; at < query.Length; at++)
        {
            if (query[at] == '\\' && backslashes && quote != '`' && at + 1 < query.Length)
                plain.Append(query[++at]);
            else if (query[at] != quote)
                plain.Append(query[at]);
            else if (at + 1 < query.Length && query[at + 1] == quote)
                plain.Append(query[at++]);
            else
            {
                text = plain.ToString();
                return true;
            }
        }

        return false;
    }

    private static bool IsPrefixed(string query, int at) =>
        at > 0 && (char.IsAsciiLetterOrDigit(query[at - 1]) || query[at - 1] is '_' or '&');
}
