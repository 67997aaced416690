using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher;

/// <summary>Passes a mailbox's changes on, leaving out what says nothing new.</summary>
internal struct ChangeReports(IUsageListener listener)
{
    /// <summary>What was decided last; null before the first time.</summary>
    public UsageChange? Last { get; private set; }

    public void Accept(UsageChange change)
    {
        var news = change.Action is LedgerAction.Appended or LedgerAction.Replaced || !SaysTheSame(change, Last);
        Last = change;
        if (news)
            listener.Accept(change);
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
