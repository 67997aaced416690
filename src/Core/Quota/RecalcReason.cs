namespace MaildirQuotaWatcher.Quota;

/// <summary>Why a ledger is replaced by a fresh count. Logged and counted under these names.</summary>
public enum RecalcReason
{
    /// <summary>There is no <c>maildirsize</c> and an administrator's limit applies.</summary>
    Missing,

    /// <summary>5120 bytes or longer: every program recounts it (Maildir++).</summary>
    TooLong,

    /// <summary>About to reach 5120 bytes: replaced a little earlier so that no delivery pays for a recount.</summary>
    NearlyTooLong,

    /// <summary>Something that one of Courier, Exim, Dovecot would reject or read differently.</summary>
    Malformed,

    /// <summary>The lines add up to less than nothing.</summary>
    NegativeTotal,

    /// <summary>A header and no data line: the programs trust it as zero (vector V10).</summary>
    HeaderOnly,

    /// <summary>Over quota with more than one data line, or one line older than 15 minutes.</summary>
    OverQuotaUnverified,

    /// <summary>The configured limit differs from the header's.</summary>
    LimitChanged,

    /// <summary>Other folders count than before: a rule has changed, not the mailbox.</summary>
    RulesChanged,

    /// <summary>An administrator asked for it.</summary>
    Forced,
}
