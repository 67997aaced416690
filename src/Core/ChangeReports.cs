using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher;

/// <summary>Passes a mailbox's changes on, leaving out what says nothing new.</summary>
internal struct ChangeReports(IUsageListener listener)
{
    private bool _outdated;

    /// <summary>What was decided last; null before the first time.</summary>
    public UsageChange? Last { get; private set; }

    /// <summary>The same; null, too, when it was decided by other rules than hold now.</summary>
    public readonly UsageChange? Current => _outdated ? null : Last;

    /// <summary>Other rules hold: what is decided next is passed on, even with the same numbers.</summary>
    public void Outdate() => _outdated = true;

    public void Accept(UsageChange change)
    {
        var news = change.Action is LedgerAction.Appended or LedgerAction.Replaced || !SaysTheSame(change, Last);
        var outdated = _outdated;
        (Last, _outdated) = (change, false);
        if (news || outdated)
            listener.Accept(news ? change : change with { SaysNothingNew = true });
    }

    /// <summary>Whether somebody who read the one learns nothing from the other.</summary>
    private static bool SaysTheSame(UsageChange change, UsageChange? before)
    {
        if (before is null || change.After != before.After || change.Limit != before.Limit
            || !change.OtherRoots.AsSpan().SequenceEqual(before.OtherRoots))
            return false;
        var corrected = before.Action is LedgerAction.Appended or LedgerAction.Replaced;
        return change.Problem == before.Problem
            && (change.Action == before.Action || (change.Action == LedgerAction.None && corrected));
    }
}
