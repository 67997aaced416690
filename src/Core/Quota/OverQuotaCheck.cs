namespace MaildirQuotaWatcher.Quota;

/// <summary>
/// Says whether a ledger that is over quota would be believed. Every program recounts the whole mailbox before it
/// refuses mail on the word of more than one data line, or of one that is 15 minutes old (vectors V55 to V62).
/// </summary>
public static class OverQuotaCheck
{
    /// <summary>Age of the file from which one line alone is no longer believed (Courier: 900 s and older).</summary>
    public static TimeSpan Unverified { get; } = TimeSpan.FromSeconds(900);

    /// <summary>True when the ledger asks for <see cref="RecalcReason.OverQuotaUnverified"/>.</summary>
    /// <param name="ledger">The ledger; one without a known limit or usage is never over.</param>
    /// <param name="age">Time since the file's mtime.</param>
    public static bool IsUnverified(MaildirSize ledger, TimeSpan age)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        return ledger is { Limit: { } limit, Usage: { } usage }
            && limit.IsOver(usage)
            && (ledger.Lines > 1 || age >= Unverified);
    }
}
