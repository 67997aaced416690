namespace MaildirQuotaWatcher.Ports;

/// <summary>How an attempt to write the ledger ended.</summary>
/// <param name="Outcome">What happened.</param>
/// <param name="Problem">For people, with the cure, when it failed.</param>
public readonly record struct LedgerWrite(LedgerOutcome Outcome, string? Problem = null);

/// <summary>How an attempt to write the ledger ended.</summary>
public enum LedgerOutcome
{
    Written,

    /// <summary>Another program has the file open and may be about to write.</summary>
    Busy,

    /// <summary>The file is no longer the one that was read.</summary>
    Changed,

    /// <summary>The system said no (full disk, read-only).</summary>
    Failed,
}
