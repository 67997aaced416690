using System.Globalization;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>A warning that is due: decided, and not yet known to have started. Immutable.</summary>
/// <param name="Id">
/// Microseconds since 1970 when it was decided, made unique: also its place in the order, and the same when it has to
/// be repeated.
/// </param>
/// <param name="Subject">Whose threshold.</param>
/// <param name="Warning">The crossing.</param>
internal sealed record DueWarning(long Id, WarningSubject Subject, Warning Warning)
{
    /// <summary>
    /// The largest folders at the crossing, a line <c>bytes TAB messages TAB folder</c> for each; empty when not known.
    /// </summary>
    public string Largest { get; init; } = "";

    /// <summary>True when the rule is the user's own, which the configuration does not know.</summary>
    public bool HasOwnRule { get; init; }

    /// <summary>How often it could not be started.</summary>
    public int Tries { get; init; }

    /// <summary>
    /// One line of tab-separated fields, texts escaped: rule, usage, limit, user, part, mailbox, root, reminder,
    /// largest folders, command of an own rule.
    /// </summary>
    public string ToLine() => string.Join('\t', Warning.Rule.Key, Text(Warning.Usage.Bytes),
        Text(Warning.Usage.Messages), Text(Warning.Limit.Bytes), Text(Warning.Limit.Messages), Escape(Subject.User),
        Warning.Part.Text, Escape(Subject.Mailbox), Escape(Subject.Root), Warning.IsReminder ? "1" : "0",
        Escape(Largest), HasOwnRule ? string.Join(' ', Warning.Rule.Command.Select(Escape)) : "");

    /// <summary>
    /// Reads <see cref="ToLine"/>, or the first six fields, which version 1 wrote; null when the line is foreign or its
    /// rule is no longer configured. The command is the one configured now.
    /// </summary>
    public static DueWarning? FromLine(StoredDue stored, WarningRules rules)
    {
        var fields = stored.Line.Split('\t');
        if (fields.Length is not (6 or 12)) return null;
        var full = fields.Length == 12;
        var numbers = new long[4];
        for (var i = 0; i < numbers.Length; i++)
            if (!long.TryParse(fields[i + 1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                out numbers[i]))
                return null;

        var subject = new WarningSubject(stored.Key, Unescape(fields[5]), full ? Unescape(fields[7]) : stored.Key,
            full ? Unescape(fields[8]) : "");
        var own = full && fields[11].Length > 0;
        var rule = own
            ? OwnRule(fields[0], fields[11])
            : rules.Of(subject.Root).FirstOrDefault(r => r.Key == fields[0]);
        var part = rule?.Parts.FirstOrDefault(p => !full || p.Text == fields[6]);
        if (rule is null || part is null) return null;
        return new DueWarning(stored.Id, subject, new Warning(rule, part, new Usage(numbers[0], numbers[1]),
            new QuotaLimit(numbers[2], numbers[3]), full && fields[9] == "1"))
        {
            Largest = full ? Unescape(fields[10]) : "",
            HasOwnRule = own,
            Tries = stored.Tries,
        };
    }

    /// <summary>At most five of the folders, the largest first; control characters in names become <c>?</c>.</summary>
    public static string LargestOf(IReadOnlyList<(string Folder, Usage Usage)> folders) => string.Join('\n', folders
        .OrderByDescending(f => f.Usage.Bytes).ThenBy(f => f.Folder, StringComparer.Ordinal).Take(5)
        .Select(f => $"{Text(f.Usage.Bytes)}\t{Text(f.Usage.Messages)}\t{Printable(f.Folder)}"));

    private static WarningRule? OwnRule(string key, string command) => WarningRule.TryParse(key, out var rule, out _)
        ? rule with { Command = [.. command.Split(' ').Select(Unescape)] }
        : null;

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static string Unescape(string text) => Uri.UnescapeDataString(text);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A due warning as the store holds it.</summary>
/// <param name="Id"><see cref="DueWarning.Id"/>.</param>
/// <param name="Key"><see cref="WarningSubject.Key"/>.</param>
/// <param name="Line"><see cref="DueWarning.ToLine"/>.</param>
/// <param name="Tries"><see cref="DueWarning.Tries"/>.</param>
internal sealed record StoredDue(long Id, string Key, string Line, int Tries);
