using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// The folders that mailboxes with the same roots have in common (<c>.Sent</c>, <c>.Trash</c>), one object each.
/// Bounded: owners may think of any number of names. Of one worker.
/// </summary>
internal sealed class FolderNames
{
    private const int Capacity = 4096;

    private readonly Dictionary<ulong, int> _known = [];
    private readonly List<MaildirFolder> _folders = [];
    private readonly NameHash _hash;
    private readonly IFolderRoots _roots;

    /// <param name="roots">Says where folders count.</param>
    /// <param name="hash">Keyed: owners choose the names.</param>
    public FolderNames(IFolderRoots roots, NameHash hash) => (_roots, _hash) = (roots, hash);

    /// <summary>The folder of that name, empty for INBOX; the same object again for a name that is common.</summary>
    public MaildirFolder Get(ReadOnlySpan<byte> name)
    {
        var key = _hash.Of(name);
        if (_known.TryGetValue(key, out var known) && name.SequenceEqual(_folders[known].Name))
            return _folders[known];
        var folder = MaildirFolder.By(_roots, name.ToArray());
        if (_known.Count < Capacity && _known.TryAdd(key, _folders.Count))
            _folders.Add(folder);
        return folder;
    }

    /// <summary>Puts away which folder it is: its number here if it is common, else its name.</summary>
    public void Pack(PackedWriter to, MaildirFolder folder)
    {
        var common = _known.TryGetValue(_hash.Of(folder.Name), out var known)
            && ReferenceEquals(folder, _folders[known]);
        to.Number(common ? known + 1 : 0);
        if (!common)
            to.Name(folder.Name);
    }

    /// <summary>The folder that <see cref="Pack"/> has put away.</summary>
    public MaildirFolder Unpack(ref PackedReader from) =>
        from.Number() is > 0 and var known ? _folders[(int)known - 1] : Get(from.Name());
}
