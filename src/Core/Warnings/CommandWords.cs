using System.Text;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// Splits a command line at blanks; double quotes keep blanks inside a word, nothing else is special: no shell, no
/// variables, no backslash. Pure.
/// </summary>
public static class CommandWords
{
    /// <summary>The words, possibly none; null when a quote is not closed.</summary>
    /// <param name="openQuote">Where the unclosed quote is, -1 when there is none.</param>
    public static string[]? Split(ReadOnlySpan<char> text, out int openQuote)
    {
        openQuote = -1;
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '"')
            {
                openQuote = openQuote < 0 ? i : -1;
                inWord = true;
            }
            else if (c is ' ' or '\t' && openQuote < 0)
            {
                if (inWord) words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }
        if (openQuote >= 0) return null;
        if (inWord) words.Add(word.ToString());
        return [.. words];
    }
}
