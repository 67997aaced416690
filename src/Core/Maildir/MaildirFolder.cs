using System.Text;

namespace MaildirQuotaWatcher.Maildir;

/// <summary>A folder of a mailbox: a dot-directory, or INBOX, which is the root itself. One object a folder.</summary>
/// <param name="Name">Directory name with its leading dot, as bytes; empty for INBOX. Nested folders (Exim) hold
/// '/'.</param>
/// <param name="Root">The quota root it belongs to, see <see cref="IFolderRoots.RootOf"/>.</param>
public sealed record MaildirFolder(byte[] Name, int Root)
{
    public bool IsInbox => Name.Length == 0;

    /// <summary>Part of what <c>maildirsize</c> says, see <see cref="IFolderRoots.IsCounted"/>.</summary>
    public bool Counted => Root == 0 || CountedToo;

    /// <summary>Of another root, and counted in the user's own as well.</summary>
    public bool CountedToo { get; init; }

    /// <summary>The folder of that name as these roots have it.</summary>
    public static MaildirFolder By(IFolderRoots roots, byte[] name)
    {
        var root = roots.RootOf(name);
        return new MaildirFolder(name, root) { CountedToo = root > 0 && roots.IsCounted(name) };
    }

    /// <summary>The name for people: <c>INBOX</c>, <c>.Sent</c>.</summary>
    public string Display => IsInbox ? "INBOX" : Encoding.UTF8.GetString(Name);
}
