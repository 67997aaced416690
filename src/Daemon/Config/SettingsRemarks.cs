using System.Globalization;
using System.Text.RegularExpressions;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Config;

/// <summary>What is no error but hardly meant: limits below 1 MB whose number has no unit.</summary>
internal static partial class SettingsRemarks
{
    private const long Smallest = 1 << 20;

    /// <summary>One for each such limit, in the order of the file.</summary>
    public static IEnumerable<ConfigError> Of(IniFile file)
    {
        foreach (var entry in file.Entries)
        {
            if ((entry.Section, entry.Key) == ("quota", "limit"))
            {
                if (Tiny(entry.Value, 1) is { } bytes)
                    yield return Remark(entry, entry.Value, $"{bytes} bytes", $"{entry.Value}M");
            }
            else if (entry.Section is "quota" or "warnings" && QuotaKey.TryParse(entry.Key, out var key)
                && key.Word is "rule" or "warning")
            {
                // The words of a command are its own matter.
                var text = key.Word == "rule" ? entry.Value : entry.Value.Split(' ', '\t')[0];
                foreach (Match match in BareAmount().Matches(text))
                {
                    var (word, number) = (match.Groups[1].Value, match.Groups[2].Value);
                    if (Tiny(number, word == "storage" ? 1024 : 1) is { } bytes)
                        yield return Remark(
                            entry, match.Value.TrimStart(':', '-', '+'), $"{SizeText.Format(bytes)}, as in Dovecot",
                            key.Word == "warning" ? $"{word}={number}% or {word}={number}M" : $"{word}={number}M");
                }
            }
        }

        ConfigError Remark(IniEntry entry, string written, string meaning, string better) =>
            new(file.Name, entry.Line, $"remark: {entry.Key}: {written} has no unit, so it is {meaning}; "
                + $"write {better} if that is meant");
    }

    private static long? Tiny(string number, long factor) =>
        long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var read)
        && read > 0 && read < Smallest / factor
            ? read * factor
            : null;

    /// <summary>An amount of storage whose digits are followed by no unit.</summary>
    [GeneratedRegex("(?:^[+-]?|:)(storage|bytes)=[+-]?([0-9]+)(?=:|$)")]
    private static partial Regex BareAmount();
}
