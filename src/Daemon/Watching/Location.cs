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
    BytePath Base, IReadOnlyList<INameMatch> Names, Func<IReadOnlyList<string>, uint, string> UserOf)
{
    /// <summary>False: the base is one mailbox, without links now, and its owner may put one in its way
    /// later.</summary>
    public bool FollowLinks { get; init; } = true;

    /// <summary>A mailbox has been found here. The watchers set it, any thread reads it.</summary>
    public bool HasMailbox { get; set; }

    /// <summary>Opens the base, or a directory above it; ELOOP when a link that is not followed is in the
    /// way.</summary>
    public int Open(BytePath path, out Errno errno)
    {
        var fd = Files.OpenDirectory(path, followLinks: true, out errno);
        if (fd < 0 || FollowLinks)
            return fd;
        // The kernel's own word on what was opened: nobody can change a link between the look and the opening.
        if (Files.RealPath(BytePath.FromString($"/proc/self/fd/{fd}"), out errno) is { } real && real.Equals(path))
            return fd;
        Files.Close(fd);
        errno = Errno.ELOOP;
        return -1;
    }
}

/// <summary>Matches one directory name of a location.</summary>
internal interface INameMatch
{
    /// <summary>The only name that matches, or null when many may.</summary>
    byte[]? Literal { get; }

    bool Matches(ReadOnlySpan<byte> name);
}
