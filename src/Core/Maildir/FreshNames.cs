namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// The names that appeared lately, of all mailboxes of one worker: tells a delivery from a rename that replaces a
/// message just delivered, which the kernel reports alike. A fixed table; a name that is pushed out by another is
/// forgotten, and the replacement is then noticed at the next recount only.
/// </summary>
/// <param name="capacity">Names remembered at most, a power of two; 8 bytes each.</param>
public sealed class FreshNames(int capacity = FreshNames.DefaultCapacity)
{
    /// <summary>512 KB: more than five minutes of 200 deliveries a second.</summary>
    public const int DefaultCapacity = 1 << 16;

    private readonly ulong[] _names = new ulong[capacity];
    private ulong _lastOwner;

    /// <summary>A number that keeps the names of one mailbox apart from those of the others; small.</summary>
    public ulong NewOwner() => ++_lastOwner;

    public void Add(ulong name) => Slot(name) = name;

    public bool Contains(ulong name) => Slot(name) == name;

    public void Remove(ulong name)
    {
        ref var slot = ref Slot(name);
        if (slot == name)
            slot = 0;
    }

    private ref ulong Slot(ulong name) => ref _names[name & (ulong)(_names.Length - 1)];
}
