using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Config;

/// <summary>
/// Reads Dovecot's own keys, as they stand in its <c>plugin { }</c>: quota roots, their rules, warnings, grace. Lines
/// may come in any order; numbers decide.
/// </summary>
/// <param name="fail">Told of each error: line, text.</param>
internal sealed class QuotaReader(Action<int, string> fail)
{
    private readonly SortedDictionary<QuotaKey, IniEntry> _entries = new(
        Comparer<QuotaKey>.Create(static (a, b) =>
            (a.Root, a.Word, a.Number).CompareTo((b.Root, b.Word, b.Number))));

    private readonly List<QuotaRule> _shorthand = [];
    private IniEntry? _limit;

    /// <summary>What <c>limit</c> and <c>messages</c> say: a rule for <c>*</c>.</summary>
    public void Limit(QuotaRule rule, IniEntry entry)
    {
        _shorthand.Add(rule);
        _limit = entry;
    }

    /// <summary>Takes one line; the meaning comes with <see cref="Finish"/>.</summary>
    public void Add(QuotaKey key, IniEntry entry)
    {
        // Twice in one section has been said already.
        if (!_entries.TryAdd(key, entry) && _entries[key] is var first && first.Section != entry.Section)
            fail(entry.Line, $"{key}: stands in [{first.Section}], too, on line {first.Line}; give one of them a "
                + "number of its own, or remove it");
    }

    /// <summary>Everything that was read, on top of what the other keys say.</summary>
    public QuotaSettings Finish(QuotaSettings settings)
    {
        foreach (var (key, entry) in _entries)
            if (key.Number > 1 && !_entries.ContainsKey(key with { Number = key.Number - 1 }))
                fail(entry.Line, $"{key}: there is no {key with { Number = key.Number - 1 }}; number them without a "
                    + "gap: Dovecot stops reading at the first one missing");
        var roots = _entries.Keys.Select(key => key.Root).Append(1).Distinct().Order()
            .Select(Root).OfType<RootSettings>().ToArray();
        foreach (var (number, root) in roots.Index())
            if (roots.Take(number).Any(other => other.Root.Name == root.Root.Name))
                fail(LineOf(number + 1), $"[quota] two quota roots are called '{root.Root.Name}'; give each a name of "
                    + "its own");
        settings = settings with { Roots = roots };
        foreach (var (key, entry) in _entries)
            settings = Apply(key, entry, settings);
        return settings;
    }

    private RootSettings? Root(int number)
    {
        var key = new QuotaKey(number, "", 1);
        var root = RootSettings.User;
        if (_entries.TryGetValue(key, out var entry))
        {
            if (!QuotaRoot.TryParse(entry.Value, out var parsed, out var error))
            {
                fail(entry.Line, $"{key}: {error}");
                return null;
            }

            root = parsed;
            if (number > 2 && !_entries.ContainsKey(key with { Root = number - 1 }))
                fail(entry.Line, $"{key}: there is no {key with { Root = number - 1 }}; number them without a gap: "
                    + "Dovecot stops reading at the first one missing");
            if (number == 1 && (root.Kind == QuotaRootKind.Group || root.Namespace?.Length > 0))
                fail(entry.Line, $"{key}: the first quota root is what maildirsize counts, so it can be no group and "
                    + "no part of the folders; number this one quota2");
            else if (number > 1 && root.Kind == QuotaRootKind.Mailbox && string.IsNullOrEmpty(root.Namespace))
                fail(entry.Line, $"{key}: counts the same as the first quota root; give it folders (ns=Archive/) or "
                    + "make it a group of mailboxes (group:Domain:by=%d)");
        }
        else if (number > 1)
        {
            var first = _entries.First(other => other.Key.Root == number);
            fail(first.Value.Line, $"{first.Key}: there is no {key}; write for example {key} = group:Domain:by=%d");
            return null;
        }

        var rules = Rules(number, root);
        if (number == 1 && _limit is not null && rules.Exists(rule => rule.IsDefault))
        {
            var (_, other) = _entries.First(each => each.Key is { Root: 1, Word: "rule" }
                && QuotaRule.TryParse(each.Value.Value, out var rule, out _) && rule.IsDefault);
            fail(_limit.Line,
                $"{_limit.Key}: {other.Key} on line {other.Line} is about the same limit; keep one of them");
        }

        return new RootSettings(root)
        {
            Shorthand = number == 1 ? _shorthand : [],
            Numbered = rules,
            Warnings = Warnings(number),
            Grace = _entries.TryGetValue(new QuotaKey(number, "grace", 1), out var grace)
                ? GraceOf(grace)
                : Grace.Default,
            OverFlagValue = _entries.TryGetValue(new QuotaKey(number, "over_flag_value", 1), out var flag)
                ? flag.Value
                : null,
            OverScript = _entries.TryGetValue(new QuotaKey(number, "over_script", 1), out var script)
                ? CommandOf(script)
                : [],
        };
    }

    /// <summary>Of the setting of a root; 0 when there is none.</summary>
    private int LineOf(int root) => _entries.TryGetValue(new QuotaKey(root, "", 1), out var entry) ? entry.Line : 0;

    private List<QuotaRule> Rules(int number, QuotaRoot root)
    {
        var rules = new List<QuotaRule>();
        foreach (var (key, entry) in _entries.Where(other => other.Key.Root == number && other.Key.Word == "rule"))
            if (!QuotaRule.TryParse(entry.Value, out var rule, out var error))
                fail(entry.Line, $"{key}: {error}");
            else if (RootCheck.FlawOf(root, rule) is { } flaw)
                fail(entry.Line, $"{key}: {flaw}");
            else
                rules.Add(rule);
        return rules;
    }

    private List<WarningRule> Warnings(int root)
    {
        var warnings = new List<WarningRule>();
        foreach (var (key, entry) in _entries.Where(other => other.Key.Root == root && other.Key.Word == "warning"))
            if (!WarningRule.TryParse(entry.Value, out var warning, out var error))
                fail(entry.Line, $"{key}: {error}");
            else if (RootCheck.FlawOf(warning, warnings) is { } flaw)
                fail(entry.Line, $"{key}: {flaw}");
            else
                warnings.Add(warning);
        return warnings;
    }

    private Grace GraceOf(IniEntry entry)
    {
        if (Grace.TryParse(entry.Value, out var grace, out var error))
            return grace;
        fail(entry.Line, $"{entry.Key}: {error}");
        return Grace.Default;
    }

    private QuotaSettings Apply(QuotaKey key, IniEntry entry, QuotaSettings settings)
    {
        switch (key.Word)
        {
            case "" or "rule" or "warning" or "grace":
                return settings;
            case "over_flag_value" or "over_script":
                if (settings.Roots.ElementAtOrDefault(key.Root - 1)?.Root.Kind == QuotaRootKind.Group)
                    fail(entry.Line, $"{key}: the flag is of a user, and no group has one; remove it");
                return settings;
            case "max_mail_size" or "exceeded_message" when key.Root > 1:
                fail(entry.Line, $"{key}: is set once, for all quota roots; write quota_{key.Word}");
                return settings;
            case "max_mail_size":
                if (MaxMailSize.TryParse(entry.Value, out var largest, out var error))
                    return settings with { MaxMailSize = largest };
                fail(entry.Line, $"{key}: {error}");
                return settings;
            case "exceeded_message":
                return settings with { ExceededMessage = MessageOf(entry) };
            default:
                if (DovecotKeys.WhyLeftOut(key.Word) is null)
                    fail(entry.Line, $"{entry.Key}: " + (DovecotKeys.CureOf(key.Word, entry.Value)
                        ?? $"unknown key in [quota]; {SettingWords.CureOf(entry.Key, Known)}"));
                return settings;
        }
    }

    /// <summary>The keys there are, without numbers.</summary>
    public static IReadOnlyList<string> Known { get; } =
    [
        "quota", "quota_rule", "quota_warning", "quota_grace", "quota_max_mail_size", "quota_exceeded_message",
        "quota_over_flag_value", "quota_over_script",
    ];

    /// <summary><c>&lt;/path</c> stands for what is in that file, as in Dovecot.</summary>
    private string MessageOf(IniEntry entry)
    {
        if (!entry.Value.StartsWith('<'))
            return entry.Value;
        var path = entry.Value[1..].Trim();
        try
        {
            return File.ReadAllText(path).TrimEnd('\n', '\r').ReplaceLineEndings(" ");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            fail(entry.Line, $"{entry.Key}: {path} cannot be read ({e.Message.TrimEnd('.')}); create it, or write the "
                + "message itself");
            return "";
        }
    }

    private string[] CommandOf(IniEntry entry)
    {
        var words = CommandWords.Split(entry.Value, out var openQuote);
        if (words is { Length: > 0 })
            return words;
        fail(entry.Line, $"{entry.Key}: " + (words is null
            ? $"column {openQuote + 1}: a double quote is not closed; close it, or remove it"
            : "no command; write for example /usr/local/bin/quota-over %u"));
        return [];
    }
}
