using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher;

/// <summary>Whether a mailbox has come to rest, and for how long it has kept everybody waiting. Milliseconds.</summary>
internal struct MailboxQuiet(AccountantOptions options)
{
    /// <summary>So many equal looks make the drift of a busy mailbox believable.</summary>
    private const int SteadyLooks = 5;

    private long _firstActivity;
    private long _lastActivity;
    private UsageDelta _steadyDrift;
    private int _steadyLooks;

    /// <summary>How long a mailbox must be quiet.</summary>
    public readonly long Settle => (long)options.Settle.TotalMilliseconds;

    /// <summary>When the mailbox will be quiet if nothing more happens.</summary>
    public readonly long QuietAt => _lastActivity + Settle;

    /// <summary>When to look again: uneven, lest the looks keep step with somebody who delivers as regularly.</summary>
    public readonly long NextLook(Moment now) => now.Milliseconds + Settle + _steadyLooks * 3 * Settle / 7;

    public readonly bool IsQuiet(Moment now) => now.Milliseconds >= QuietAt;

    /// <summary>Quiet for ten times as long, or never quiet for very long.</summary>
    public readonly bool IsLongQuiet(Moment now) =>
        now.Milliseconds >= _lastActivity + 10 * Settle || IsLongOverdue(now);

    /// <summary>No quiet for so long that a drift which holds still is corrected all the same.</summary>
    public readonly bool IsOverdue(Moment now) =>
        now.Milliseconds - _firstActivity >= options.Patience.TotalMilliseconds;

    /// <summary>No quiet for so long that any drift is corrected.</summary>
    public readonly bool IsLongOverdue(Moment now) =>
        now.Milliseconds - _firstActivity > 10 * options.Patience.TotalMilliseconds;

    /// <summary>Patience begins anew.</summary>
    public void Begin(Moment now) => _firstActivity = now.Milliseconds;

    /// <summary>The time a count takes is not time without quiet.</summary>
    public void Discount(long milliseconds) => _firstActivity += milliseconds;

    public void Touch(Moment now) => _lastActivity = now.Milliseconds;

    /// <summary>In a quiet mailbox any drift does; in a busy one only one seen several times over.</summary>
    public bool HoldsStill(UsageDelta drift, Moment now)
    {
        if (IsQuiet(now))
            return true;
        _steadyLooks = drift == _steadyDrift ? _steadyLooks + 1 : 1;
        _steadyDrift = drift;
        return _steadyLooks >= SteadyLooks || IsLongOverdue(now);
    }

    public void Rest() => _steadyLooks = 0;
}
