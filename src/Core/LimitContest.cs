using System.Text;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher;

/// <summary>
/// The administrator's limit. Notices that another program keeps putting its own into the header, and leaves the header
/// to it after a while: each change costs everybody a recount.
/// </summary>
internal struct LimitContest
{
    /// <summary>So often is a limit put right before the header is left to whoever insists.</summary>
    private const int Rounds = 3;

    /// <summary>Changes further apart than this are no fight; milliseconds.</summary>
    private const long RoundMilliseconds = 3_600_000;

    // In parts, which take less: there is one for each mailbox.
    private QuotaLimit _limit;
    private bool _isConfigured;
    private bool _isForced;
    private int _rounds;
    private long _lastRound;

    /// <summary>What is configured; null leaves the authority to the header. Another limit is a new start.</summary>
    public ConfiguredLimit? Configured
    {
        readonly get => _isConfigured ? new ConfiguredLimit(_limit, _isForced) : null;
        set
        {
            var (limit, forced) = value ?? default;
            (_isConfigured, _limit, _isForced, _rounds) = (value is not null, limit, forced, 0);
        }
    }

    /// <summary>Puts all of it away; <see cref="Unpack"/> takes it out again.</summary>
    public readonly void Pack(PackedWriter to)
    {
        to.Flags(_isConfigured, _isForced);
        to.Signed(_limit.Bytes);
        to.Signed(_limit.Messages);
        to.Number(_rounds);
        to.Signed(_lastRound);
    }

    /// <summary>As it was when <see cref="Pack"/> was called.</summary>
    public void Unpack(ref PackedReader from)
    {
        var flags = from.Flags();
        (_isConfigured, _isForced) = (flags[0], flags[1]);
        _limit = new QuotaLimit(from.Signed(), from.Signed());
        (_rounds, _lastRound) = ((int)from.Number(), from.Signed());
    }

    /// <summary>What is configured, unless the header is left to another program.</summary>
    public readonly ConfiguredLimit? Wanted(LedgerReading reading) =>
        _rounds > Rounds && reading.Ledger?.Limit is not null ? null : Configured;

    /// <summary>The limit that the header shall say; null when nobody set one.</summary>
    public readonly QuotaLimit? Header(LedgerReading reading) => LedgerDecision.LimitOf(reading, Wanted(reading));

    /// <summary>
    /// The limit that applies; null when nobody set one. What is configured for everybody does so also while the header
    /// is left to another: its owner, too, can write it.
    /// </summary>
    public readonly QuotaLimit? Applies(LedgerReading reading) => LedgerDecision.LimitOf(reading, Configured);

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
            + "left to it from now on, warnings go by ours. Give both the same (Exim: quota, Dovecot: quota_rule)";
    }
}
