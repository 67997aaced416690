using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// The folders that mailboxes with the same roots have in common (<c>.Sent</c>, <c>.Trash</c>), one object each.
/// Bounded: owners may think of any number of names. Of one worker.
/// </summary>
internal sealed class FolderNames
{
    private const int Capacity = 4096;

    private readonly Dictionary<ulong, MaildirFolder> _known = [];
    private readonly NameHash _hash;
    private readonly IFolderRoots _roots;

    /// <param name="roots">Says where folders count.</param>
    /// <param name="hash">Keyed: owners choose the names.</param>
    public FolderNames(IFolderRoots roots, NameHash hash) => (_roots, _hash) = (roots, hash);

    /// <summary>The folder of that name, empty for INBOX; the same object again for a name that is common.</summary>
    public MaildirFolder Get(ReadOnlySpan<byte> name)
    {
        var key = _hash.Of(name);
        if (_known.TryGetValue(key, out var known) && name.SequenceEqual(known.Name))
            return known;
        var folder = MaildirFolder.By(_roots, name.ToArray());
        if (_known.Count < Capacity)
            _known.TryAdd(key, folder);
        return folder;
    }
}
