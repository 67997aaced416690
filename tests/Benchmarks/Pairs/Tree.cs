using MaildirQuotaWatcher.Benchmarks.Service;

namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>A store made by <c>limits/mkstore.c</c>. Immutable.</summary>
/// <param name="Root">Directory of the users' directories.</param>
/// <param name="Mailboxes">Roots of the mailboxes.</param>
internal sealed record Tree(string Root, IReadOnlyList<string> Mailboxes)
{
    public static Tree Make(string directory, string name, int mailboxes, int folders, int messages, bool sized = true)
    {
        var root = Path.Combine(directory, name);
        Tools.MakeStore(root, 0, mailboxes, folders, messages, sized);
        return new Tree(root, [.. Enumerable.Range(0, mailboxes).Select(number => Tools.Mailbox(root, number))]);
    }
}
