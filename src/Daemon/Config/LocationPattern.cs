using System.Diagnostics.CodeAnalysis;

namespace MaildirQuotaWatcher.Config;

/// <summary>
/// Where mailboxes are: <c>/var/vmail/%d/%n/Maildir</c> with the variables <c>%u</c> (user), <c>%n</c> (name),
/// <c>%d</c> (domain), or <c>~/Maildir</c>, the home of every system user. Immutable; touches no disk.
/// </summary>
internal sealed class LocationPattern
{
    private LocationPattern(string text, bool isHome, IReadOnlyList<LocationComponent> components) =>
        (Text, IsHome, Components) = (text, isHome, components);

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>True for <c>~/...</c>: the components lie below each system user's home.</summary>
    public bool IsHome { get; }

    /// <summary>Names of the path from the root (or the home) down, the last being the mailbox itself.</summary>
    public IReadOnlyList<LocationComponent> Components { get; }

    /// <param name="error">What is wrong and the cure; null when parsed.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out LocationPattern? pattern, [NotNullWhen(false)] out string? error)
    {
        pattern = null;
        var isHome = text == "~" || text.StartsWith("~/", StringComparison.Ordinal);
        if (!isHome && !text.StartsWith('/'))
        {
            error = text.StartsWith('~')
                ? $"'{text}': ~ stands for every system user's home; write ~/Maildir"
                : $"'{text}' is relative; begin with / or ~/";
            return false;
        }

        var components = new List<LocationComponent>();
        foreach (var name in text[(isHome ? 1 : 0)..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!LocationComponent.TryParse(name, out var component, out var problem))
            {
                error = $"'{text}': {problem}";
                return false;
            }
            components.Add(component);
        }
        error = components.Count == 0
            ? $"'{text}' names no mailbox; write for example /var/vmail/%d/%n/Maildir or ~/Maildir"
            : isHome && components.Any(c => !c.IsLiteral)
                ? $"'{text}': ~ already stands for the user; use no %u, %n, %d after it"
            : null;
        if (error is not null) return false;
        pattern = new LocationPattern(text, isHome, components);
        return true;
    }

    /// <summary>The user a matching directory belongs to; null when the names do not match.</summary>
    /// <param name="names">One name per component, in order.</param>
    /// <param name="account">The account behind <c>~</c>, or the owner of a plain path, when known.</param>
    public string? UserOf(IReadOnlyList<string> names, string? account)
    {
        if (names.Count != Components.Count) return null;
        var values = new Dictionary<char, string>();
        for (var i = 0; i < names.Count; i++)
            if (!Components[i].TryMatch(names[i], values))
                return null;

        if (values.TryGetValue('u', out var user)) return user;
        if (values.TryGetValue('n', out var name))
            return values.TryGetValue('d', out var domain) ? $"{name}@{domain}" : name;
        if (account is not null) return account;
        return names.Count > 1 && names[^1].TrimStart('.').Equals("maildir", StringComparison.OrdinalIgnoreCase)
            ? names[^2]
            : names[^1];
    }

    /// <summary>Where a user's mailbox would be; null when the pattern has no place for such a user.</summary>
    /// <param name="user">His name, with or without domain.</param>
    /// <param name="home">Home of the account of that name, for <c>~</c>; null when there is none.</param>
    public string? PathOf(string user, string? home)
    {
        var at = user.LastIndexOf('@');
        var values = new Dictionary<char, string>
        {
            ['u'] = user, ['n'] = at < 0 ? user : user[..at], ['d'] = at < 0 ? "" : user[(at + 1)..],
        };
        var names = Components.Select(component => component.For(values)).ToArray();
        if (names.Contains(null) || (IsHome && home is null) || user.Contains('/', StringComparison.Ordinal))
            return null;
        var path = (IsHome ? home!.TrimEnd('/') : "") + "/" + string.Join('/', names);
        // A pattern without %n or without %d holds users of one kind only, or one mailbox.
        return IsHome || UserOf(names!, account: null) == user ? path : null;
    }

    public override string ToString() => Text;
}
