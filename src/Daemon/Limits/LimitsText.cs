using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// Our own file of limits: <c>user rule [rule...]</c>, where the user may be <c>@domain</c> or <c>*</c>, everybody the
/// system knows. Blanks part words, double quotes keep them; <c>#</c> begins a comment. A word
/// <c>quota_over_flag=yes</c> is that field. Rules edit the configuration's of the same mask. Pure.
/// </summary>
internal static class LimitsText
{
    public static void Parse(string file, IReadOnlyList<string> lines, LimitTable table)
    {
        for (var number = 1; number <= lines.Count; number++)
        {
            var line = WithoutComment(lines[number - 1]);
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var place = $"{file}:{number}";
            if (CommandWords.Split(line, out var openQuote) is not { } words)
            {
                var name = CommandWords.Split(line.AsSpan(0, openQuote), out _)!.FirstOrDefault();
                table.Complain(place, $"column {openQuote + 1}: the quote is not closed; add another \"", name);
            }
            else if (words.Length < 2)
                table.Complain(place, $"{words[0]} has no rule; write for example: {words[0]} *:storage=1G", words[0]);
            else if (words[1..].Select(word => (Word: word, Flaw: FlawOf(word))).FirstOrDefault(
                word => word.Flaw is not null) is { Flaw: { } flaw } bad)
                table.Complain(place, $"column {line.IndexOf(bad.Word, StringComparison.Ordinal) + 1}: '{bad.Word}' is "
                    + $"no rule; {flaw}", words[0]);
            else if (!table.AddWide(words[0], Fields(words[1..])))
                table.Complain(place, $"{words[0]} is there more than once; the first line counts, remove the others");
        }
    }

    private static UserFields Fields(string[] words)
    {
        var rules = UserFields.OfRules(words.Where(word => !IsField(word)));
        var others = words.Where(IsField).Select(word => word.Split('=', 2));
        return UserFields.Create(
        [
            .. rules.Select(rule => new KeyValuePair<string, string?>(rule.Key, rule.Value)),
            .. others.Select(word => new KeyValuePair<string, string?>(word[0], word[1])),
        ]);
    }

    private static string? FlawOf(string word) => IsField(word) || QuotaRule.TryParse(word, out _, out var error)
        ? null
        : error;

    private static bool IsField(string word) =>
        word.IndexOf('=') is > 0 and var equals && UserFields.NameOf(word[..equals]) is not null;

    private static string WithoutComment(string line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"')
                quoted = !quoted;
            else if (line[i] == '#' && !quoted && (i == 0 || line[i - 1] is ' ' or '\t'))
                return line[..i];
        }

        return line;
    }
}
