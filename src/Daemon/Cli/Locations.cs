using System.Text;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Cli;

/// <summary>Turns what people write, patterns and paths, into places to look for mailboxes.</summary>
internal static class Locations
{
    /// <summary>The system account a numeric user id belongs to, when there is one.</summary>
    private static string? NameOf(uint uid) => Accounts.All().FirstOrDefault(account => account.Uid == uid)?.Name;

    /// <summary>One mailbox named on the command line. Links in its path are followed once, now.</summary>
    public static Location OfMailbox(string path)
    {
        var full = BytePath.FromString(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        var names = Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries);
        return new Location(WithoutLinks(full), [], (_, owner) => NameOf(owner) ?? FallbackUser(names))
        {
            FollowLinks = false,
        };
    }

    /// <summary>The path as far as it leads today, links resolved, and the rest as it is.</summary>
    private static BytePath WithoutLinks(BytePath path)
    {
        if (Files.RealPath(path, out _) is { } real)
            return real;
        var slash = path.Bytes.LastIndexOf((byte)'/');
        return slash <= 0
            ? path
            : WithoutLinks(BytePath.FromBytes(path.Bytes[..slash])).Combine(path.Bytes[(slash + 1)..]);
    }

    /// <summary>The places a configured pattern stands for: one, or one for each system account.</summary>
    public static IEnumerable<Location> OfPattern(LocationPattern pattern)
    {
        if (!pattern.IsHome)
            return [Below("/", pattern, account: null)];
        return Accounts.All()
            .Where(account => account.Home.StartsWith('/') && account.Home.Length > 1)
            .DistinctBy(account => account.Home)
            .Select(account => Below(account.Home, pattern, account.Name));
    }

    /// <summary>What to say of a pattern that leads to no mailbox: no error, the first may still be made.</summary>
    public static string NoMailbox(string pattern) =>
        $"{pattern} leads to no mailbox, which is a directory of that form with a cur in it: correct locations in "
        + "[mailboxes] (%n is a user's part before the @, %d the part behind it, and the path ends with the Maildir "
        + "itself), or make the first one: it is found at once";

    private static Location Below(string start, LocationPattern pattern, string? account)
    {
        // A home's owner may change what is in it, so nothing below it is fixed.
        var literals = pattern.IsHome ? 0 : pattern.Components.TakeWhile(component => component.IsLiteral).Count();
        var fixedNames = pattern.Components.Take(literals).Select(component => component.Literal).ToArray();
        // A name that the path gives needs no account, and asking for it may be slow (LDAP).
        var isNamed = pattern.Text.Contains("%u", StringComparison.Ordinal)
            || pattern.Text.Contains("%n", StringComparison.Ordinal);
        var matches = pattern.Components.Skip(literals).Select(component => (INameMatch)new NameMatch(component));
        return new Location(
            BytePath.FromString(Path.TrimEndingDirectorySeparator(Path.Combine([start, .. fixedNames]))),
            [.. matches],
            (names, owner) =>
                pattern.UserOf([.. fixedNames, .. names], account ?? (isNamed ? null : NameOf(owner))) ?? "");
    }

    private static string FallbackUser(string[] names) =>
        names.Length > 1 && names[^1].Equals("Maildir", StringComparison.OrdinalIgnoreCase) ? names[^2]
        : names.Length > 0 ? names[^1] : "";

    /// <summary>A component of a pattern as the watcher wants it.</summary>
    private sealed class NameMatch(LocationComponent component) : INameMatch
    {
        public byte[]? Literal { get; } =
            component.IsLiteral ? Encoding.UTF8.GetBytes(component.Literal) : null;

        public bool Matches(ReadOnlySpan<byte> name) =>
            component.TryMatch(Encoding.UTF8.GetString(name), new Dictionary<char, string>());
    }
}
