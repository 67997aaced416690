using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher;

/// <summary>Whether a mailbox has come to rest, and for how long it has kept everybody waiting. Milliseconds.</summary>
internal sealed class MailboxQuiet(AccountantOptions options)
{
    /// <summary>So many equal looks make the drift of a busy mailbox believable.</summary>
    private const int SteadyLooks = 5;

    private readonly double _patience = options.Patience.TotalMilliseconds;
    private long _firstActivity;
    private long _lastActivity;
    private UsageDelta _steadyDrift;
    private int _steadyLooks;

    /// <summary>How long a mailbox must be quiet.</summary>
    public long Settle { get; } = (long)options.Settle.TotalMilliseconds;

    /// <summary>When the mailbox will be quiet if nothing more happens.</summary>
    public long QuietAt => _lastActivity + Settle;

    /// <summary>When to look again: uneven, lest the looks keep step with somebody who delivers as regularly.</summary>
    public long NextLook(Moment now) => now.Milliseconds + Settle + _steadyLooks * 3 * Settle / 7;

    public bool IsQuiet(Moment now) => now.Milliseconds >= QuietAt;

    /// <summary>No quiet for so long that a drift which holds still is corrected all the same.</summary>
    public bool IsOverdue(Moment now) => now.Milliseconds - _firstActivity >= _patience;

    /// <summary>No quiet for so long that any drift is corrected.</summary>
    public bool IsLongOverdue(Moment now) => now.Milliseconds - _firstActivity > 10 * _patience;

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
