using MaildirQuotaWatcher.Maildir;
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

    /// <summary>True when <see cref="Pack"/> says all there is.</summary>
    public readonly bool MayRest => !_outdated && Last is { Problem: null };

    /// <summary>Puts the last change away; <see cref="Unpack"/> takes it out again.</summary>
    public readonly void Pack(PackedWriter to)
    {
        var change = Last!;
        to.Number((int)change.Action);
        to.Number(change.Reason is { } reason ? 1 + (int)reason : 0);
        to.Flags(
            change.SaysNothingNew, change.Before is not null, change.Ledger is not null, change.Limit is not null,
            change.OtherRoots is not null);
        Pack(to, change.After);
        if (change.Before is { } before)
            Pack(to, before);
        if (change.Ledger is { } ledger)
            Pack(to, ledger);
        if (change.Limit is { } limit)
        {
            to.Signed(limit.Bytes);
            to.Signed(limit.Messages);
        }

        to.Number(change.OtherRoots?.Length ?? 0);
        foreach (var other in change.OtherRoots ?? [])
            Pack(to, other);
    }

    /// <summary>As it was when <see cref="Pack"/> was called.</summary>
    public void Unpack(ref PackedReader from)
    {
        var (action, reason) = ((LedgerAction)from.Number(), (int)from.Number());
        var flags = from.Flags();
        var after = TakeUsage(ref from);
        Usage? before = flags[1] ? TakeUsage(ref from) : null;
        Usage? ledger = flags[2] ? TakeUsage(ref from) : null;
        QuotaLimit? limit = flags[3] ? new QuotaLimit(from.Signed(), from.Signed()) : null;
        var others = new Usage[from.Number()];
        for (var root = 0; root < others.Length; root++)
            others[root] = TakeUsage(ref from);
        Last = new UsageChange
        {
            Before = before,
            After = after,
            OtherRoots = flags[4] ? others : null,
            Limit = limit,
            Action = action,
            Ledger = ledger,
            Reason = reason == 0 ? null : (RecalcReason)(reason - 1),
            SaysNothingNew = flags[0],
        };
    }

    public void Accept(UsageChange change)
    {
        var news = change.Action is LedgerAction.Appended or LedgerAction.Replaced || !SaysTheSame(change, Last);
        var outdated = _outdated;
        (Last, _outdated) = (change, false);
        if (news || outdated)
            listener.Accept(news ? change : change with { SaysNothingNew = true });
    }

    private static void Pack(PackedWriter to, Usage usage)
    {
        to.Signed(usage.Bytes);
        to.Signed(usage.Messages);
    }

    private static Usage TakeUsage(ref PackedReader from) => new(from.Signed(), from.Signed());

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
