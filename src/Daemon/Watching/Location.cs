using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Watching;

/// <summary>
/// Where to look for mailboxes: a fixed directory, then names to match. What is fixed is the administrator's, and links
/// in it are followed; below it they are not.
/// </summary>
/// <param name="Base">Fixed directory: everything before the first name that the users' side may choose.</param>
/// <param name="Names">Matchers of the names below, one a level; the last is the mailbox. May be empty.</param>
/// <param name="UserOf">The user behind matched names and the root's owner.</param>
internal sealed record Location(
    BytePath Base, IReadOnlyList<INameMatch> Names, Func<IReadOnlyList<string>, uint, string> UserOf);

/// <summary>Matches one directory name of a location.</summary>
internal interface INameMatch
{
    /// <summary>The only name that matches, or null when many may.</summary>
    byte[]? Literal { get; }

    bool Matches(ReadOnlySpan<byte> name);
}
