using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>What is kept of the layout, and of the index's directories, when the mailbox is at rest.</summary>
internal sealed partial class MailboxLayout
{
    /// <summary>Large mailboxes are few, and to make all of their objects again takes a while.</summary>
    private const int MostDirectories = 1000;

    /// <summary>
    /// True when <see cref="Pack"/> says all there is: every folder is whole, every directory is one of a folder.
    /// </summary>
    public bool MayRest => Trouble is null && !IsShortOfWatches && _incomplete is null && _inside is null
        && index.Count <= MostDirectories
        && index.Count == _folders.Sum(static folder => (folder.New == 0 ? 0 : 1) + (folder.Cur == 0 ? 0 : 1));

    /// <summary>Puts away folders and directories.</summary>
    public void Pack(PackedWriter to)
    {
        to.Signed(_rootWatch);
        to.Number(_lastNumber);
        to.Number(_folders.Count);
        var before = default(DirectoryPlace);
        foreach (var folder in _folders)
        {
            _names.Pack(to, folder.Folder);
            PackHalf(to, folder.New, ref before);
            PackHalf(to, folder.Cur, ref before);
        }
    }

    /// <summary>As it was when <see cref="Pack"/> was called, into a new layout.</summary>
    public void Unpack(ref PackedReader from)
    {
        _rootWatch = (int)from.Signed();
        _lastNumber = (int)from.Number();
        var before = default(DirectoryPlace);
        _folders.Capacity = (int)from.Number();
        while (_folders.Count < _folders.Capacity)
        {
            var folder = _names.Unpack(ref from);
            _folders.Add(new WatchedFolder(folder)
            {
                New = UnpackHalf(ref from, folder, ref before),
                Cur = UnpackHalf(ref from, folder, ref before),
            });
        }

        index.Unpacked();
    }

    private void PackHalf(PackedWriter to, int id, ref DirectoryPlace before)
    {
        to.Number(id);
        if (id != 0)
            index.PackDirectory(to, id, ref before);
    }

    private int UnpackHalf(ref PackedReader from, MaildirFolder folder, ref DirectoryPlace before)
    {
        var id = (int)from.Number();
        if (id != 0)
            index.UnpackDirectory(ref from, id, folder, ref before);
        return id;
    }
}
