namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// One count of a directory while events keep coming. What events say is held by name until the fence, the last word on
/// each name winning, and such a name counts by its event alone.
/// </summary>
/// <remarks>
/// Implementation notes. A name that an event touched before the scan came to it is left out of the scan. One that is
/// touched after the first name was read may have been counted already; only a scan that kept its names can tell. Most
/// directories are quiet while they are read, so the first scan keeps none, and what that leaves
/// <see cref="Unclear"/> is scanned once more, with names kept. Names without a size are kept in any case.
/// </remarks>
/// <param name="keepsNames">Keep what the scan sees, 16 bytes a message, until the fence.</param>
internal sealed class DirectoryRecount(bool keepsNames)
{
    /// <summary>Beyond this many held names it is cheaper to scan once more than to remember.</summary>
    private const int HeldLimit = 1 << 16;

    // Most directories are empty or quiet: neither is made before it is needed.
    private List<(ulong Name, long Bytes)>? _scanned;
    private Dictionary<ulong, HeldName>? _held;
    private UnsizedMessages? _unsized;
    private Int128 _bytes;
    private long _messages;
    private bool _sawNamed;

    /// <summary>True when every entry has been read.</summary>
    public bool Scanned { get; set; }

    /// <summary>The fence asked for after the scan; 0 before that.</summary>
    public long Fence { get; set; }

    /// <summary>The directory's change time before it was read, nanoseconds; 0 when that cannot be trusted.</summary>
    public long Stamp { get; set; }

    /// <summary>True when an event came during the count.</summary>
    public bool Disturbed => _held is not null;

    /// <summary>
    /// True when too much happened, or something to a name that this scan may have counted; the scan has to be made
    /// again, with names kept.
    /// </summary>
    public bool Unclear { get; private set; }

    /// <summary>A name read from the directory, with the size that its name gives.</summary>
    public void SawNamed(ReadOnlySpan<byte> name, NameHash hash, long bytes)
    {
        _sawNamed = true;
        if (keepsNames || _held is not null)
        {
            var hashed = hash.Of(name);
            if (_held is not null && _held.ContainsKey(hashed))
                return;
            if (keepsNames)
                (_scanned ??= []).Add((hashed, bytes));
        }

        Count(bytes, 1);
    }

    /// <summary>A fresh count of the same directory; keeps names if this one does or should have.</summary>
    public DirectoryRecount Again() => new(keepsNames || Unclear);

    /// <summary>A name read from the directory whose size came from <c>stat</c>.</summary>
    public void SawUnsized(ulong name, long bytes)
    {
        _unsized ??= new UnsizedMessages();
        if (_unsized.Set(name, bytes, out var before))
            Count(bytes - before, 0);
        else
            Count(bytes, 1);
    }

    /// <summary>An event says that the name is there now, with the size its name or <c>stat</c> gives.</summary>
    public void HoldPresent(ulong name, long bytes, bool unsized) =>
        Hold(name, new HeldName(true, bytes, unsized), unsized);

    public void HoldAbsent(ulong name, bool unsized) => Hold(name, default, unsized);

    /// <summary>
    /// The fence has passed: names no event touched count as scanned, the others by their last event.
    /// </summary>
    /// <param name="bytes">The total.</param>
    /// <param name="messages">Their number.</param>
    /// <returns>The messages without a size, if any.</returns>
    public UnsizedMessages? Merge(out Int128 bytes, out long messages)
    {
        if (_held is not null)
        {
            foreach (var (name, size) in _scanned ?? [])
                if (_held.ContainsKey(name))
                    Count(-size, -1);
            foreach (var (name, held) in _held)
                Settle(name, held);
        }

        (bytes, messages) = (_bytes, _messages);
        return _unsized is { Count: > 0 } ? _unsized : null;
    }

    private void Settle(ulong name, HeldName held)
    {
        if (_unsized is not null && _unsized.Remove(name, out var before))
            Count(-before, -1);
        if (!held.Present)
            return;
        if (held.Unsized)
            SawUnsized(name, held.Bytes);
        else
            Count(held.Bytes, 1);
    }

    private void Hold(ulong name, HeldName held, bool unsized)
    {
        _held ??= [];
        if (_held.Count < HeldLimit)
            Unclear |= !_held.ContainsKey(name) && _sawNamed && !unsized && !keepsNames;
        else
            Unclear = true;
        if (!Unclear)
            _held[name] = held;
    }

    private void Count(long bytes, long messages)
    {
        _bytes += bytes;
        _messages += messages;
    }

    private readonly record struct HeldName(bool Present, long Bytes, bool Unsized);
}
