using System.Globalization;

namespace MaildirQuotaWatcher.Config;

/// <summary>
/// A key of Dovecot's quota settings taken apart: <c>quota2_rule3</c> is the third rule of the second quota root.
/// Counts begin at 1, which is not written: <c>quota</c>, <c>quota_rule</c>.
/// </summary>
/// <param name="Root">Number of the quota root.</param>
/// <param name="Word">What follows the underscore; empty for the root itself.</param>
/// <param name="Number">Number of the rule or warning.</param>
internal readonly record struct QuotaKey(int Root, string Word, int Number)
{
    private const string Begin = "quota";

    /// <summary>Words that may be numbered.</summary>
    private static readonly string[] Numbered = ["rule", "own_rule", "warning"];

    public static bool TryParse(string key, out QuotaKey parsed)
    {
        parsed = default;
        if (!key.StartsWith(Begin, StringComparison.Ordinal))
            return false;
        var rest = key.AsSpan(Begin.Length);
        if (!TryTakeNumber(ref rest, out var root))
            return false;
        if (rest.IsEmpty)
        {
            parsed = new QuotaKey(root, "", 1);
            return true;
        }

        if (rest[0] != '_')
            return false;
        rest = rest[1..];
        foreach (var word in Numbered)
        {
            if (!rest.StartsWith(word))
                continue;
            var digits = rest[word.Length..];
            if (!TryTakeNumber(ref digits, out var number) || !digits.IsEmpty)
                return false;
            parsed = new QuotaKey(root, word, number);
            return true;
        }

        parsed = new QuotaKey(root, rest.ToString(), 1);
        return true;
    }

    /// <summary>The key as it is written.</summary>
    public override string ToString() => Begin + Count(Root) + (Word.Length == 0 ? "" : $"_{Word}{Count(Number)}");

    private static string Count(int number) => number == 1 ? "" : number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Takes the digits at the beginning; none is 1. 0, 1 and leading zeros are not written.</summary>
    private static bool TryTakeNumber(ref ReadOnlySpan<char> text, out int number)
    {
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        number = 1;
        if (digits == 0)
            return true;
        var read = int.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out number);
        var plain = text[0] != '0';
        text = text[digits..];
        return read && plain && number > 1;
    }
}
