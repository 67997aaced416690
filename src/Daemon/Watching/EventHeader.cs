namespace MaildirQuotaWatcher.Watching;

/// <summary>What stands before the name in an <see cref="EventQueue"/>. Blittable; 28 bytes.</summary>
internal struct EventHeader
{
    public EventKind Kind;
    public int Mailbox;

    /// <summary>See <see cref="WatchOwner.Directory"/>.</summary>
    public int Directory;

    /// <summary>The kernel's mask.</summary>
    public uint Mask;

    /// <summary>The kernel's cookie; for a fence the ticket.</summary>
    public uint Cookie;

    /// <summary>1 when the other half of the rename lies in another mailbox.</summary>
    public int FromOtherMailbox;

    public int NameLength;
}

/// <summary>What a queued record is.</summary>
internal enum EventKind
{
    /// <summary>A record of the kernel.</summary>
    Kernel,

    /// <summary>Everything before a fence has been queued before this.</summary>
    Fence,
}
