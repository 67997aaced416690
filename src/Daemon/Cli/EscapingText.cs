using System.Text;

namespace MaildirQuotaWatcher.Cli;

/// <summary>Makes foreign text, such as file names, harmless in a terminal or a log line.</summary>
internal static class EscapingText
{
    /// <summary>Control characters, line and paragraph separators become <c>\x1b</c>, <c>\u2028</c>.</summary>
    public static string Escape(string text)
    {
        if (!text.Any(IsUnsafe)) return text;
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (!IsUnsafe(c)) escaped.Append(c);
            else if (c < 256) escaped.Append(@"\x").Append(((int)c).ToString("x2"));
            else escaped.Append(@"\u").Append(((int)c).ToString("x4"));
        }
        return escaped.ToString();
    }

    private static bool IsUnsafe(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e');
}
