using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// Says which mailboxes belong together: those for which the template gives the same text. <c>%u</c> the user,
/// <c>%n</c> the part before the @, <c>%d</c> the part behind it, <c>%%</c> a percent sign. Immutable.
/// </summary>
public sealed record GroupTemplate
{
    private GroupTemplate(string text) => Text = text;

    public string Text { get; }

    /// <param name="text">The template.</param>
    /// <param name="column">Index of the text in its setting, for the error.</param>
    internal static bool TryParse(
        string text, int column, [NotNullWhen(true)] out GroupTemplate? template,
        [NotNullWhen(false)] out string? error)
    {
        template = null;
        if (text.Length == 0)
            return Fault.At(column, "by= is empty", "write by=%d for one root a domain", out error);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || (++i < text.Length && "und%".Contains(text[i], StringComparison.Ordinal)))
                continue;
            return Fault.At(column + i - 1, "unknown variable", "use %d (domain), %n (before the @) or %u (user)",
                out error);
        }

        template = new GroupTemplate(text);
        error = null;
        return true;
    }

    /// <summary>The name of the user's group, or null when a variable has no value: no domain, no group.</summary>
    /// <param name="user">As configured: <c>anna@example.org</c>.</param>
    public string? GroupOf(string user)
    {
        var name = new StringBuilder();
        for (var i = 0; i < Text.Length; i++)
        {
            if (Text[i] != '%')
            {
                name.Append(Text[i]);
                continue;
            }

            var value = ValueOf(Text[++i], user);
            if (value.IsEmpty)
                return null;
            name.Append(value);
        }

        return name.ToString();
    }

    public override string ToString() => Text;

    private static ReadOnlySpan<char> ValueOf(char variable, string user)
    {
        var at = user.IndexOf('@', StringComparison.Ordinal);
        return variable switch
        {
            'u' => user,
            'n' => at < 0 ? user : user.AsSpan(0, at),
            'd' => at < 0 ? default : user.AsSpan(at + 1),
            _ => "%",
        };
    }
}
