using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Limits;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Warnings;

namespace MaildirQuotaWatcher.Users;

/// <summary>
/// Reads what a source of limits says of one user, with the configuration below it.
/// </summary>
/// <remarks>
/// As in Dovecot (2.3.19, run beside it), a field stands for the setting of its name: <c>quota_rule2</c> takes the
/// place of the configuration's second rule, and nothing is read behind a number that is missing. What stays of the
/// configuration's is merged with it as if it all stood there. Rules without a number, <c>quota_own_rule</c>, are of
/// sources that Dovecot does not read: they edit the rule of the same mask.
/// </remarks>
/// <param name="settings">The configuration.</param>
/// <param name="fields">What the source says.</param>
internal sealed class UserFieldReader(QuotaSettings settings, UserFields fields)
{
    private readonly List<string> _problems = [];
    private readonly List<string> _remarks = [];
    private readonly List<(QuotaKey Key, string Value)> _fields = [];

    /// <summary>What cannot be read: nobody knows what was meant. Each names its field and the cure.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>What is read and does nothing.</summary>
    public IReadOnlyList<string> Remarks => _remarks;

    public MaxMailSize MaxMailSize { get; private set; } = settings.MaxMailSize;

    public string ExceededMessage { get; private set; } = settings.ExceededMessage;

    /// <summary>Every quota root as it applies to the user.</summary>
    public IReadOnlyList<UserRoot> Read()
    {
        foreach (var (name, value) in fields)
            Take(name, value);
        return [.. settings.Roots.Select((root, index) => Root(root, index + 1))];
    }

    /// <summary>Sorts out one field.</summary>
    private void Take(string name, string value)
    {
        var isKey = QuotaKey.TryParse(name, out var key);
        // A limit of his own, in a way that is not read.
        if (isKey && key.Word is "storage_size" or "message_count")
            _problems.Add($"{name}: {DovecotKeys.CureOf(key.Word, value)}");
        else if (!isKey || !IsKnown(key))
            _remarks.Add($"{name} is no field that is known here, so it does nothing; "
                + SettingWords.CureOf(name, Known));
        else if (key.Root > settings.Roots.Count)
            _remarks.Add($"{name} does nothing: the configuration has no {new QuotaKey(key.Root, "", 1)}");
        else if (key.Word == "max_mail_size")
            MaxMailSize = MaxMailSize.TryParse(value, out var largest, out var error)
                ? largest
                : Fail(name, error, MaxMailSize);
        else if (key.Word == "exceeded_message")
            ExceededMessage = value;
        else
            _fields.Add((key, value));
    }

    private static readonly string[] Known =
    [
        "quota_rule", "quota_warning", "quota_grace", "quota_over_flag", "quota_max_mail_size",
        "quota_exceeded_message",
    ];

    private static bool IsKnown(QuotaKey key) =>
        key.Word is "rule" or "own_rule" or "warning" or "grace" or "over_flag"
        || (key.Root == 1 && key.Word is "max_mail_size" or "exceeded_message")
        // Of Dovecot, and nothing that a single user decides here.
        || key.Word is "" or "over_flag_value" or "over_script" || DovecotKeys.WhyLeftOut(key.Word) is not null;

    private UserRoot Root(RootSettings root, int number)
    {
        var own = new List<QuotaRule>();
        var numbered = Rules(root, number, own);
        var shorthand = own.Exists(rule => rule.IsDefault) ? [] : root.Shorthand;
        var edits = Of(number, "own_rule").Select(field => RuleOf(root.Root, field)).OfType<QuotaRule>().ToArray();
        var warnings = Warnings(root, number);
        var (_, grace) = Of(number, "grace").FirstOrDefault();
        return new UserRoot(
            root.Root, RuleSet.Create([.. shorthand, .. numbered]).With(edits), warnings,
            grace is null ? root.Grace
            : Grace.TryParse(grace, out var read, out var error) ? read
            : Fail(new QuotaKey(number, "grace", 1).ToString(), error, root.Grace))
        {
            OwnRules = [.. own, .. edits],
            HasOwnWarnings = !warnings.SequenceEqual(root.Warnings),
            Flag = Of(number, "over_flag").FirstOrDefault().Value,
        };
    }

    /// <summary>The configuration's rules with those of the user in their places.</summary>
    /// <param name="own">Gets the user's.</param>
    private List<QuotaRule> Rules(RootSettings root, int number, List<QuotaRule> own)
    {
        var rules = root.Numbered.ToList();
        foreach (var field in Of(number, "rule"))
            if (HasPlace(field.Key, rules.Count) && RuleOf(root.Root, field) is { } rule)
            {
                Put(rules, field.Key.Number, rule);
                own.Add(rule);
            }

        return rules;
    }

    private List<WarningRule> Warnings(RootSettings root, int number)
    {
        var warnings = root.Warnings.ToList();
        foreach (var field in Of(number, "warning"))
            if (!WarningRule.TryParse(field.Value, out var warning, out var error))
                Fail(field.Key.ToString(), error, 0);
            else if (HasPlace(field.Key, warnings.Count))
            {
                var others = warnings.Where((_, at) => at != field.Key.Number - 1).ToArray();
                if (RootCheck.FlawOf(warning, others) is { } flaw)
                    Fail(field.Key.ToString(), flaw, 0);
                else
                    Put(warnings, field.Key.Number, warning);
            }

        return warnings;
    }

    private QuotaRule? RuleOf(QuotaRoot root, (QuotaKey Key, string Value) field)
    {
        if (!QuotaRule.TryParse(field.Value, out var rule, out var error))
            return Fail<QuotaRule?>(NameOf(field), error, null);
        if (RootCheck.FlawOf(root, rule) is not { } flaw)
            return rule;
        _remarks.Add($"{NameOf(field)}: {flaw}");
        return null;
    }

    /// <summary>A rule without a number is written without a name.</summary>
    private static string NameOf((QuotaKey Key, string Value) field) =>
        field.Key.Word == "own_rule" ? field.Value : field.Key.ToString();

    /// <summary>Those of one root and word, by their numbers.</summary>
    private IEnumerable<(QuotaKey Key, string Value)> Of(int root, string word) =>
        _fields.Where(field => field.Key.Root == root && field.Key.Word == word).OrderBy(field => field.Key.Number);

    private bool HasPlace(QuotaKey key, int count)
    {
        if (key.Number <= count + 1)
            return true;
        _remarks.Add($"{key} does nothing: there is no {key with { Number = count + 1 }}, and nothing is read behind a "
            + "number that is missing");
        return false;
    }

    private static void Put<T>(List<T> list, int number, T what)
    {
        if (number > list.Count)
            list.Add(what);
        else
            list[number - 1] = what;
    }

    private T Fail<T>(string name, string error, T instead)
    {
        _problems.Add($"{name}: {error}");
        return instead;
    }
}
