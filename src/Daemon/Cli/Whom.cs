using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Cli;

/// <summary>A user and one mailbox of his, as the configuration's locations pair them. Immutable.</summary>
/// <param name="User">The name under which limits are looked up.</param>
/// <param name="Path">The mailbox.</param>
internal sealed record Whom(string User, string Path)
{
    /// <summary>The mailbox lies in one of the locations.</summary>
    public bool IsLocated { get; private init; } = true;

    /// <summary>Finds what a word of the command line means.</summary>
    /// <param name="settings">Says where mailboxes are.</param>
    /// <param name="word">A path when it holds a slash, else a user.</param>
    /// <param name="problem">What is wrong and the cure, when nothing is found.</param>
    public static IReadOnlyList<Whom> Find(Settings settings, string word, out string? problem)
    {
        problem = null;
        if (word.Contains('/', StringComparison.Ordinal))
            return [OfPath(settings, System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(word)))];

        var home = Accounts.Find(word)?.Home;
        var paths = settings.Mailboxes.Locations.Select(pattern => pattern.PathOf(word, home)).OfType<string>()
            .Distinct().ToArray();
        var there = paths.Where(path => Directory.Exists(System.IO.Path.Combine(path, "cur"))).ToArray();
        if (there.Length == 0)
            problem = paths.Length == 0
                ? $"no location has a place for the user '{word}'; name the mailbox's path (with a slash: ./{word}), "
                    + "or add a location to [mailboxes] locations"
                : $"the user '{word}' has no mailbox: there is none at {string.Join(" or ", paths)}";
        return [.. there.Select(path => new Whom(word, path))];
    }

    /// <summary>The user of a mailbox, by the location it lies in; else by its owner.</summary>
    public static Whom OfPath(Settings settings, string path)
    {
        foreach (var pattern in settings.Mailboxes.Locations)
        {
            if (pattern.IsHome)
            {
                var accounts = Accounts.All();
                if (accounts.FirstOrDefault(account => pattern.PathOf(account.Name, account.Home) == path) is { } owner)
                    return new Whom(owner.Name, path);
            }
            else if (pattern.UserOf(path.Split('/', StringSplitOptions.RemoveEmptyEntries), account: null) is { } user)
            {
                return new Whom(user, path);
            }
        }

        // In no location: as "watch" names it.
        var location = Locations.OfMailbox(path);
        var owned = OwnerOf(path);
        return new Whom(location.UserOf([], owned), path) { IsLocated = false };
    }

    private static uint OwnerOf(string path) =>
        Files.Stat(BytePath.FromString(path), followLinks: true, out var status, out _) ? status.Uid : uint.MaxValue;
}
