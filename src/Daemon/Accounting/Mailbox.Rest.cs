using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>What is kept of a mailbox at rest: some 250 bytes instead of twenty objects. Its watches stay.</summary>
internal sealed partial class Mailbox
{
    /// <summary>
    /// True when <see cref="Pack"/> says all there is: nothing is due, asked for, wrong or unsaved. A fence that was
    /// asked for and means nothing any more does not matter: tickets are never given twice.
    /// </summary>
    public bool MayRest => DueAt == long.MaxValue && !HasLostEvents && !IsGone && _trouble is null && _troubles == 0
        && _stamped is null && ScanNode is null && (!_unsaved || _memory is null)
        && Accountant.MayRest && _watches.MayRest && _layout.MayRest;

    /// <summary>Puts everything away.</summary>
    public void Pack(PackedWriter to)
    {
        Accountant.Pack(to);
        _watches.Pack(to);
        _layout.Pack(to);
    }

    /// <summary>As it was when <see cref="Pack"/> was called, into a new mailbox.</summary>
    public void Unpack(byte[] kept)
    {
        var from = new PackedReader(kept);
        Accountant.Unpack(ref from);
        _watches.Unpack(ref from);
        _layout.Unpack(ref from);
    }
}
