using System.Runtime.InteropServices;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>The folders by name, and the watches of those that are not complete.</summary>
internal sealed partial class MailboxLayout
{
    /// <summary>Folders belong to quota roots by other rules from now on; nothing is looked at.</summary>
    /// <returns>False when every directory belongs to the root it belonged to.</returns>
    public bool SetNames(FolderNames names)
    {
        if (ReferenceEquals(names, _names))
            return false;
        _names = names;
        foreach (ref var folder in CollectionsMarshal.AsSpan(_folders))
            folder.Folder = names.Get(folder.Folder.Name);
        foreach (var (number, known) in _incomplete?.ToArray() ?? [])
            _incomplete![number] = (FolderNamed(known.Folder.Name), known.Watch);
        return index.Reassign(folder => FolderNamed(folder.Name));
    }

    /// <summary>The folder of that name, entered if it is new.</summary>
    private MaildirFolder FolderNamed(ReadOnlySpan<byte> name)
    {
        var at = Search(name);
        if (at < 0)
            _folders.Insert(at = ~at, new WatchedFolder(_names.Get(name)));
        return _folders[at].Folder;
    }

    private byte[][] FoldersInside(ReadOnlySpan<byte> folder)
    {
        var prefix = MaildirLayout.Join(folder, default);
        var first = Search(prefix);
        return [.. _folders.Skip(first < 0 ? ~first : first)
            .TakeWhile(entry => entry.Folder.Name.AsSpan().StartsWith(prefix))
            .Select(entry => entry.Folder.Name)];
    }

    /// <returns>True when the directory was not watched for this folder before.</returns>
    private bool WatchFolder(int fd, MaildirFolder folder)
    {
        var number = NumberOf(folder);
        var before = number == 0 ? -1 : _incomplete![number].Watch;
        var owned = number == 0 ? _lastNumber + 1 : number;
        var watch = table.Add(fd, FolderMask, FolderOwner(owned), out var errno);
        if (watch == before && watch >= 0)
            return false;
        // Another directory has taken the name, or the first one has come.
        Unwatch(folder);
        if (watch < 0)
        {
            CannotWatch(errno, folder.Name);
            return true;
        }

        _lastNumber = Math.Max(_lastNumber, owned);
        (_incomplete ??= [])[owned] = (folder, watch);
        CollectionsMarshal.AsSpan(_folders)[Search(folder.Name)].Number = owned;
        return true;
    }

    private void Unwatch(MaildirFolder folder)
    {
        var number = NumberOf(folder);
        if (number == 0)
            return;
        table.Remove(_incomplete![number].Watch, FolderOwner(number));
        _incomplete.Remove(number);
        if (_incomplete.Count == 0)
            _incomplete = null;
        CollectionsMarshal.AsSpan(_folders)[Search(folder.Name)].Number = 0;
    }

    private WatchOwner FolderOwner(int number) => owner with { Directory = -number };

    private int NumberOf(MaildirFolder folder) => Search(folder.Name) is >= 0 and var at ? _folders[at].Number : 0;

    /// <summary>Where the folder of that name stands, or the complement of where it would.</summary>
    private int Search(ReadOnlySpan<byte> name)
    {
        var (low, high) = (0, _folders.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = name.SequenceCompareTo(_folders[middle].Folder.Name);
            if (order == 0)
                return middle;
            if (order < 0)
                high = middle - 1;
            else
                low = middle + 1;
        }

        return ~low;
    }
}
