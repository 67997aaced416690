using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// The rules of one quota root: a default limit and, for some folders, what is added to it. The first folder rule in
/// order of definition that matches is the only one that counts (Dovecot). Immutable; any thread; equal to any other
/// set that says the same, so it can be the key of a dictionary.
/// </summary>
public sealed class RuleSet : IEquatable<RuleSet>
{
    private readonly QuotaRule? _default;
    private readonly bool _forced;
    private readonly QuotaRule[] _folders;

    private RuleSet(QuotaRule? standard, bool forced, QuotaRule[] folders)
    {
        _default = standard;
        _forced = forced;
        _folders = folders;
    }

    /// <summary>No rule: the header of <c>maildirsize</c> is the authority.</summary>
    public static RuleSet Empty { get; } = new(null, false, []);

    /// <summary>
    /// The administrator's limit; null without a <c>*</c> or <c>?</c> rule: then the header is the authority. Both fill
    /// one limit, and it is forced when one of them is <c>*</c>.
    /// </summary>
    public ConfiguredLimit? Default => _default is null
        ? null
        : new ConfiguredLimit(new QuotaLimit(Number(_default.Bytes), Number(_default.Messages)), _forced);

    /// <summary>Every rule, that of the default limit first: a set made from them is equal to this one.</summary>
    public IEnumerable<QuotaRule> All =>
        _default is null ? _folders : [_default with { Mask = _forced ? "*" : "?" }, .. _folders];

    /// <summary>The folder rules in order of definition, rules of the same mask merged.</summary>
    public IReadOnlyList<QuotaRule> Folders => _folders;

    /// <summary>Folder rules that never count, because an earlier one matches all that they match.</summary>
    public IReadOnlyList<string> Notes =>
    [
        .. from at in Enumerable.Range(0, _folders.Length)
           let mask = _folders[at].Mask
           let earlier = Array.Find(_folders[..at], rule => Hides(rule.Mask, mask))
           where earlier is not null
           select $"{mask} is never used: {earlier.Mask} comes first and matches it; put {mask} before it",
    ];

    /// <summary>
    /// Rules in order of definition. One with the mask of an earlier one edits that one: what it names replaces,
    /// <c>ignore</c> stays. (Dovecot keeps a percentage for ever; here the last number counts.)
    /// </summary>
    public static RuleSet Create(IEnumerable<QuotaRule> rules) => Empty.Edited(rules, ignoreStays: true);

    /// <summary>
    /// The set with rules of one user, which are stronger: the values they name replace, a limit for an ignored folder
    /// makes it counted again, and folder rules of new masks come last.
    /// </summary>
    public RuleSet With(IEnumerable<QuotaRule> more)
    {
        var own = Create(more);
        if (own.Equals(Empty))
            return this;
        if (own._default is not { } standard)
            return Edited(own._folders, ignoreStays: false);
        return Edited(own._folders.Prepend(standard with { Mask = own._forced ? "*" : "?" }), ignoreStays: false);
    }

    /// <summary>The rule that counts for a folder, or null; never the default rule.</summary>
    /// <param name="folder">Virtual name, see <see cref="FolderText.Virtual"/>.</param>
    public QuotaRule? RuleFor(string folder) => Array.Find(_folders, rule => rule.Matches(folder));

    /// <summary>True for a folder whose messages are not counted and not limited.</summary>
    public bool IsIgnored(string folder) => RuleFor(folder) is { Ignore: true };

    /// <summary>
    /// The limit when a message is saved into a folder; usage of the whole root is compared with it. Unlimited (0) when
    /// the default is, when the folder is ignored, and when a rule leaves nothing of the default (Dovecot).
    /// </summary>
    /// <param name="folder">Virtual name.</param>
    /// <param name="standard">The limit of the root: <see cref="Default"/> or what the header says.</param>
    public QuotaLimit LimitFor(string folder, QuotaLimit standard) => RuleFor(folder) switch
    {
        _ when standard.IsUnlimited => QuotaLimit.Unlimited,
        null => standard,
        { Ignore: true } => QuotaLimit.Unlimited,
        var rule => new QuotaLimit(
            (rule.Bytes ?? default).AddTo(standard.Bytes), (rule.Messages ?? default).AddTo(standard.Messages)),
    };

    public bool Equals(RuleSet? other) =>
        other is not null && _forced == other._forced && Equals(_default, other._default)
        && _folders.AsSpan().SequenceEqual(other._folders);

    public override bool Equals(object? obj) => Equals(obj as RuleSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(_default);
        hash.Add(_forced);
        foreach (var rule in _folders)
            hash.Add(rule);
        return hash.ToHashCode();
    }

    private RuleSet Edited(IEnumerable<QuotaRule> rules, bool ignoreStays)
    {
        var standard = _default;
        var forced = _forced;
        var folders = _folders.ToList();
        foreach (var rule in rules)
        {
            if (rule.IsDefault)
            {
                forced |= rule.IsForced;
                // One slot for both masks, so that sets are equal that say the same.
                standard = Edit(standard, rule, false) with { Mask = "*", Ignore = false };
                continue;
            }

            var at = folders.FindIndex(known => known.Mask == rule.Mask);
            if (at < 0)
                folders.Add(rule with { Notes = [] });
            else
                folders[at] = Edit(folders[at], rule, ignoreStays);
        }

        return new RuleSet(standard, forced, [.. folders]);
    }

    private static QuotaRule Edit(QuotaRule? rule, QuotaRule by, bool ignoreStays) => by with
    {
        Ignore = by.Ignore || (ignoreStays && rule is { Ignore: true }),
        Bytes = by.Bytes ?? rule?.Bytes,
        Messages = by.Messages ?? rule?.Messages,
        Notes = [],
    };

    /// <summary>Certain only; a mask with ? may not stand for another's star.</summary>
    private static bool Hides(string mask, string other) =>
        (!mask.Contains('?') || !other.Contains('*')) && Wildcard.Matches(other, mask);

    private static long Number(RuleAmount? amount) => Math.Max(0, (amount ?? default).Number);
}
