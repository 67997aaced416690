using System.Globalization;
using System.Text.RegularExpressions;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;

namespace MaildirQuotaWatcher.Config;

/// <summary>
/// What is no error but hardly meant, or read in a way that may surprise: the notes of the parsers, limits below 1 MB
/// whose number has no unit, rules that never count, settings of Dovecot that do nothing here.
/// </summary>
internal static partial class SettingsRemarks
{
    private const long Smallest = 1 << 20;

    /// <summary>In the order of the file; it has no errors.</summary>
    public static IEnumerable<ConfigError> Of(IniFile file) => Read(file).OrderBy(remark => remark.Line);

    private static IEnumerable<ConfigError> Read(IniFile file)
    {
        var rules = new List<(int Root, int Number, int Line, QuotaRule Rule)>();
        foreach (var entry in file.Entries)
        {
            foreach (var note in Notes(entry, rules))
                yield return new(file.Name, entry.Line, $"remark: {entry.Key}: {note}");
            if ((entry.Section, entry.Key) == ("quota", "limit"))
            {
                if (Tiny(entry.Value, 1) is { } bytes)
                    yield return new(file.Name, entry.Line,
                        $"remark: {entry.Key}: {Remark(entry.Value, $"{bytes} bytes", $"{entry.Value}M")}");
            }
            else if (entry.Section is "quota" or "warnings")
                foreach (var text in OfAmounts(entry.Key, entry.Value))
                    yield return new(file.Name, entry.Line, $"remark: {entry.Key}: {text}");
        }

        foreach (var root in rules.GroupBy(rule => rule.Root))
            foreach (var note in RuleSet.Create(root.OrderBy(rule => rule.Number).Select(rule => rule.Rule)).Notes)
                yield return new(file.Name, root.Max(rule => rule.Line), $"remark: {note}");
    }

    /// <summary>Small amounts without a unit in a rule or warning, of the configuration or of a user.</summary>
    public static IEnumerable<string> OfAmounts(string name, string value)
    {
        if (!QuotaKey.TryParse(name, out var key) || key.Word is not ("rule" or "own_rule" or "warning"))
            yield break;
        // The words of a command are its own matter.
        var text = key.Word == "warning" ? value.Split(' ', '\t')[0] : value;
        foreach (Match match in BareAmount().Matches(text))
        {
            var (word, number) = (match.Groups[1].Value, match.Groups[2].Value);
            if (Tiny(number, word == "storage" ? 1024 : 1) is { } bytes)
                yield return Remark(
                    match.Value.TrimStart(':', '-', '+'), $"{SizeText.Format(bytes)}, as in Dovecot",
                    key.Word == "warning" ? $"{word}={number}% or {word}={number}M" : $"{word}={number}M");
        }
    }

    private static string Remark(string written, string meaning, string better) =>
        $"{written} has no unit, so it is {meaning}; write {better} if that is meant";

    /// <summary>What the parsers have to say of one line.</summary>
    private static IReadOnlyList<string> Notes(IniEntry entry, List<(int, int, int, QuotaRule)> rules)
    {
        if (entry.Section != "quota" || !QuotaKey.TryParse(entry.Key, out var key))
            return [];
        if (key.Word.Length == 0 && QuotaRoot.TryParse(entry.Value, out var root, out _))
            return string.IsNullOrEmpty(root.Namespace) ? root.Notes
                : [.. root.Notes, $"ns={root.Namespace} are folders inside each mailbox; where Dovecot's namespace has "
                    + "a location of its own, that is a mailbox: add it to locations"];
        if (key.Word == "rule" && QuotaRule.TryParse(entry.Value, out var rule, out _))
        {
            rules.Add((key.Root, key.Number, entry.Line, rule));
            return rule.Notes;
        }

        if (key.Word is "grace" or "max_mail_size" or "exceeded_message")
            return ["refuses nothing here: whoever delivers a message refuses it; set it there, too"];
        return DovecotKeys.WhyLeftOut(key.Word) is { } why ? [$"does nothing: {why}"] : [];
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
