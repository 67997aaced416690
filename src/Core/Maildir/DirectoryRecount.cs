namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// One count of a directory while events keep coming. What the scan saw is kept by name until the fence; what events
/// said meanwhile is held beside it, the last word on each name winning. The two are merged once and then dropped.
/// </summary>
internal sealed class DirectoryRecount
{
    /// <summary>Beyond this many held names it is cheaper to scan once more than to remember.</summary>
    private const int HeldLimit = 1 << 16;

    // Most directories are empty or quiet: neither is made before it is needed.
    private List<(ulong Name, long Bytes)>? _scanned;
    private Dictionary<ulong, HeldName>? _held;
    private UnsizedMessages? _unsized;
    private Int128 _bytes;
    private long _messages;

    /// <summary>True when every entry has been read.</summary>
    public bool Scanned { get; set; }

    /// <summary>The fence asked for after the scan; 0 before that.</summary>
    public long Fence { get; set; }

    /// <summary>The directory's change time before it was read, nanoseconds; 0 when that cannot be trusted.</summary>
    public long Stamp { get; set; }

    /// <summary>True when an event came during the count.</summary>
    public bool Disturbed => _held is not null;

    /// <summary>True when too much happened; the scan has to be made again.</summary>
    public bool Overrun { get; private set; }

    /// <summary>A name read from the directory, with the size that its name gives.</summary>
    public void SawNamed(ulong name, long bytes)
    {
        (_scanned ??= []).Add((name, bytes));
        Count(bytes, 1);
    }

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
    public void HoldPresent(ulong name, long bytes, bool unsized) => Hold(name, new HeldName(true, bytes, unsized));

    public void HoldAbsent(ulong name) => Hold(name, default);

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

    private void Hold(ulong name, HeldName held)
    {
        _held ??= [];
        if (_held.Count < HeldLimit)
            _held[name] = held;
        else
            Overrun = true;
    }

    private void Count(long bytes, long messages)
    {
        _bytes += bytes;
        _messages += messages;
    }

    private readonly record struct HeldName(bool Present, long Bytes, bool Unsized);
}
