using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Cli;

/// <summary>Whether what somebody named on the command line is a Maildir.</summary>
internal static class MaildirCheck
{
    /// <summary>.NET gives the words of a command line as text: what was no UTF-8 is lost.</summary>
    /// <returns>What is wrong and the cure; null for a name that came whole.</returns>
    public static string? NoText(string mailbox) => mailbox.Contains('\uFFFD', StringComparison.Ordinal)
        ? $"{mailbox}: this name is not UTF-8, and cannot be given here; name a link to it (ln -s)"
        : null;

    /// <summary>What else to say where nothing is found under a name that looks like a user's.</summary>
    public static string CureOfUser(string mailbox) => mailbox.Contains('@') && !mailbox.Contains('/')
        ? $"; if '{mailbox}' is a user, name the path of his mailbox: explain {mailbox} says it"
        : "";

    /// <returns>What is wrong with it and the cure, or null.</returns>
    public static string? Problem(string mailbox)
    {
        if (mailbox.Length == 0)
            return "MAILDIR is empty; name a directory that holds cur, new and tmp";
        if (NoText(mailbox) is { } lost)
            return lost;
        var path = BytePath.FromString(Path.GetFullPath(mailbox));
        var fd = Files.OpenDirectory(path, followLinks: true, out var errno);
        if (fd < 0)
        {
            return errno == Errno.ENOENT
                ? $"{path.Display}: there is no such directory (watch --create makes one){CureOfUser(mailbox)}"
                : errno == Errno.ENOTDIR ? $"{path.Display}: is not a directory"
                : new SystemCallError("open", path.Display, errno) + Cure.For(errno);
        }

        var isMaildir = Files.StatAt(fd, "cur"u8, followLinks: true, out _, out _);
        Files.Close(fd);
        return isMaildir ? null
            : $"{path.Display}: is not a Maildir, it has no cur; name the one that has (watch --create makes one)";
    }
}
