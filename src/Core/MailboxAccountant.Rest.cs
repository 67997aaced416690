using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher;

/// <summary>
/// A mailbox to which nothing is happening needs no accountant: what one knows is put away in some bytes, and the next
/// event is given to a new one made from them. Most mailboxes are at rest nearly always.
/// </summary>
public sealed partial class MailboxAccountant
{
    /// <summary>
    /// True when <see cref="Pack"/> says all there is: judged, nothing due, nothing wrong, nobody fought with.
    /// </summary>
    public bool MayRest => _stage == Stage.Resting && DueAt == long.MaxValue && _failures == 0
        && _contest.Verdict is null && _reports.MayRest && Index.MayRest;

    /// <summary>Puts away all but the directories.</summary>
    public void Pack(PackedWriter to)
    {
        to.Flags(_ledgerTouchedLast);
        to.Number(_ledgerLength);
        _limits.Pack(to);
        _contest.Pack(to);
        _reports.Pack(to);
        Index.Pack(to);
    }

    /// <summary>As it was when <see cref="Pack"/> was called, into a new accountant; then come the
    /// directories.</summary>
    public void Unpack(ref PackedReader from)
    {
        (_stage, _countingAll) = (Stage.Resting, false);
        _ledgerTouchedLast = from.Flags()[0];
        _ledgerLength = from.Number();
        _limits.Unpack(ref from);
        _contest.Unpack(ref from);
        _reports.Unpack(ref from);
        Index.Unpack(ref from);
    }
}
