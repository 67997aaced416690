using System.Globalization;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// Settings that come in numbers: <c>quota_rule</c>, <c>quota_rule2</c>, <c>quota_rule3</c>; the same for
/// <c>quota_warning</c>, <c>quota2_rule</c>. Order is by number, not by place in the file (Dovecot). Pure.
/// </summary>
public static class NumberedSettings
{
    /// <summary>True for the prefix itself and the prefix with a number: the keys <see cref="Order"/> reads.</summary>
    public static bool IsKey(string prefix, string key) =>
        key.StartsWith(prefix, StringComparison.Ordinal)
        && key.AsSpan(prefix.Length).IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>Picks the settings of one prefix and puts them in order; others are passed over.</summary>
    /// <typeparam name="TPlace">Where a setting stands: a line, a row.</typeparam>
    /// <param name="prefix">The key of the first one: <c>quota_rule</c>.</param>
    /// <param name="settings">Key, value and place.</param>
    /// <param name="problems">Gets duplicates, keys that are never read, and holes.</param>
    /// <returns>By number, also those behind a hole, where Dovecot stops without a word.</returns>
    public static IReadOnlyList<NumberedSetting<TPlace>> Order<TPlace>(
        string prefix, IEnumerable<(string Key, string Value, TPlace Place)> settings,
        ICollection<NumberedProblem<TPlace>> problems)
    {
        var found = new SortedDictionary<int, NumberedSetting<TPlace>>();
        foreach (var (key, value, place) in settings)
        {
            if (!IsKey(prefix, key))
                continue;
            if (!TryReadNumber(key.AsSpan(prefix.Length), out var number))
            {
                var cure = $"write {prefix} for the first, {prefix}2 for the second and so on";
                problems.Add(new(key, place, $"{key} is not read; {cure}", false));
            }
            else if (!found.TryAdd(number, new(number, key, value, place)))
            {
                problems.Add(new(key, place, $"{key} is there twice; give each its own number", false));
            }
        }

        var expected = 1;
        foreach (var (number, setting) in found)
        {
            if (number != expected)
            {
                var missing = KeyOf(prefix, expected);
                var text = $"{missing} is missing before {setting.Key}; number without holes (Dovecot stops at a hole)";
                problems.Add(new(setting.Key, setting.Place, text, true));
            }
            expected = number + 1;
        }

        return [.. found.Values];
    }

    private static string KeyOf(string prefix, int number) => number == 1 ? prefix : $"{prefix}{number}";

    private static bool TryReadNumber(ReadOnlySpan<char> digits, out int number)
    {
        number = 1;
        return digits.IsEmpty
            || (digits[0] != '0' && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number)
                && number is > 1 and < int.MaxValue);
    }
}
