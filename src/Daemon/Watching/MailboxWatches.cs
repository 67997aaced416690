using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Watching;

/// <summary>The watches of one mailbox, by the source it was given to. One worker at a time.</summary>
internal sealed class MailboxWatches(WatchSources sources)
{
    private WatchTable? _table;
    private WatchTable? _refused;
    private bool _isWanting;

    /// <summary>All watches of the source.</summary>
    public int Count => _table?.Count ?? 0;

    /// <summary>What the source is called.</summary>
    public string Source => _table?.Source ?? "";

    /// <summary>Chooses the source; only while there are no watches.</summary>
    /// <returns>False when it is the one that refused.</returns>
    public bool Choose(int rootFd, string path, bool polled)
    {
        var refused = _refused;
        _refused = null;
        _table = polled ? sources.ForPolled() : sources.For(rootFd, path, refused);
        return _table != refused;
    }

    /// <summary>True when a directory could not be watched since <see cref="Choose"/>.</summary>
    public bool WasRefused => _refused is not null;

    /// <inheritdoc cref="WatchTable.Add"/>
    public int Add(int directoryFd, uint mask, WatchOwner owner, out Errno errno)
    {
        var watch = _table!.Add(directoryFd, mask, owner, out errno);
        if (watch < 0)
            _refused = _table;
        return watch;
    }

    /// <summary>Mailboxes that wait for watches, with this one; 0 when this one does not.</summary>
    public int Wanting => _isWanting ? sources.Wanting : 0;

    /// <summary>Says whether the mailbox waits for watches.</summary>
    /// <returns>True when it was the last one that did.</returns>
    public bool SetWanting(bool wants)
    {
        if (wants == _isWanting)
            return false;
        _isWanting = wants;
        return sources.ChangeWanting(wants ? 1 : -1) == 0;
    }

    /// <summary>True when <see cref="Pack"/> says all there is: no source has refused.</summary>
    public bool MayRest => _refused is null && !_isWanting;

    /// <summary>Puts away which source it is.</summary>
    public void Pack(PackedWriter to) => to.Number(sources.NumberOf(_table!));

    /// <summary>As it was when <see cref="Pack"/> was called.</summary>
    public void Unpack(ref PackedReader from) => _table = sources.ByNumber((int)from.Number());

    public void Remove(int wd, WatchOwner owner) => _table!.Remove(wd, owner);

    /// <inheritdoc cref="WatchTable.Fence"/>
    public uint Fence(WatchOwner owner, out Errno errno) => _table!.Fence(owner, out errno);
}
