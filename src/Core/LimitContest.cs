using System.Text;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher;

/// <summary>
/// Notices that another program keeps putting its own limit into the header, and leaves the header to it after a while:
/// each change costs everybody a recount.
/// </summary>
internal struct LimitContest
{
    /// <summary>So often is a limit put right before the header is left to whoever insists.</summary>
    private const int Rounds = 3;

    /// <summary>Changes further apart than this are no fight; milliseconds.</summary>
    private const long RoundMilliseconds = 3_600_000;

    private int _rounds;
    private long _lastRound;

    /// <summary>The limit that applies: not the configured one where the header is left to another program.</summary>
    public readonly QuotaLimit? Applies(QuotaLimit? configured, LedgerReading reading) =>
        _rounds > Rounds && reading.Ledger?.Limit is not null ? null : configured;

    /// <summary>The limit was put right once more.</summary>
    /// <returns>For people, when that was the last time; else null.</returns>
    public string? Note(LedgerReading reading, Moment now)
    {
        if (now.Milliseconds - _lastRound > RoundMilliseconds)
            _rounds = 0;
        _lastRound = now.Milliseconds;
        if (++_rounds <= Rounds)
            return null;
        var header = reading.Ledger is { } ledger ? Encoding.ASCII.GetString(ledger.Header) : "missing";
        return $"another program keeps putting its own limit into maildirsize (it was {header} again); the header is "
            + "left to it from now on. Give both the same limit (Exim: quota, Dovecot: quota_rule)";
    }

    /// <summary>Another limit is configured: a new start.</summary>
    public void Forget() => _rounds = 0;
}
