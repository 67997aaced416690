using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher;

/// <summary>What the ledger needs, by the rules alone: nothing, one line, or a replacement with a named
/// reason.</summary>
public readonly record struct LedgerDecision
{
    /// <summary>Replaced a little before 5120 bytes, so that no delivery pays for a recount.</summary>
    public const int ReplaceLength = 4000;

    /// <summary>A mailbox that stays over quota gets a fresh line before the programs stop believing the old
    /// one.</summary>
    public static readonly TimeSpan OverQuotaRefresh = TimeSpan.FromSeconds(840);

    /// <summary>Longer headers than this are not kept; two limits take 42 bytes.</summary>
    private const int LongestHeader = 256;

    public LedgerAction Action { get; private init; }

    public UsageDelta Delta { get; private init; }

    public RecalcReason? Reason { get; private init; }

    /// <summary>The limit whose header a replacement gets; the old bytes are kept when they say the same.</summary>
    public QuotaLimit Limit { get; private init; }

    public string? Problem { get; private init; }

    /// <summary>Compares one reading of the ledger with the truth.</summary>
    /// <param name="reading">What was read just now.</param>
    /// <param name="truth">What the mailbox holds.</param>
    /// <param name="configured">The administrator's limit, or null when the header is the authority.</param>
    /// <param name="forced">Replace it also when it is right.</param>
    /// <param name="create">Whether a missing ledger is made where a limit is configured.</param>
    /// <param name="rulesChanged">A difference comes from new rules: no line of somebody's that is missing.</param>
    public static LedgerDecision For(
        LedgerReading reading, Usage truth, ConfiguredLimit? configured, bool forced = false, bool create = true,
        bool rulesChanged = false)
    {
        switch (reading.State)
        {
            case LedgerState.Refused or LedgerState.Failed:
                return new LedgerDecision { Action = LedgerAction.Failed, Problem = reading.Problem };
            case LedgerState.Absent when create && configured is { } missing:
                return Replace(RecalcReason.Missing, missing.Limit);
            case LedgerState.Absent:
                return new LedgerDecision { Action = LedgerAction.Absent };
        }

        var ledger = reading.Ledger!;
        if (LimitOf(reading, configured) is not { } applies)
        {
            return new LedgerDecision
            {
                Action = LedgerAction.Failed,
                Problem = $"maildirsize gives no clear limit ({ledger.Problem}): it is left alone until its first line "
                    + "is mended (100000000S, or 0S for unlimited) or a limit is configured",
            };
        }

        if (ledger.Recalculate is { } reason)
            return Replace(reason, applies);
        if (ledger.Limit != applies)
            return Replace(RecalcReason.LimitChanged, applies);
        if (forced)
            return Replace(RecalcReason.Forced, applies);

        var used = ledger.Usage!.Value;
        var drift = truth - used;
        if (drift.IsZero)
        {
            if (applies.IsOver(used) && (ledger.Lines > 1 || reading.Age >= OverQuotaRefresh))
                return Replace(RecalcReason.OverQuotaUnverified, applies);
            return ledger.Length >= ReplaceLength
                ? Replace(RecalcReason.NearlyTooLong, applies)
                : new LedgerDecision { Action = LedgerAction.None, Limit = applies };
        }

        if (rulesChanged)
            return Replace(RecalcReason.RulesChanged, applies);
        // Over quota every program recounts a file of more than one line, so it gets one line, not one more.
        if (applies.IsOver(truth))
            return Replace(RecalcReason.OverQuotaUnverified, applies);
        return ledger.Length + MaildirSizeFormat.MaximumLine > ReplaceLength
            ? Replace(RecalcReason.NearlyTooLong, applies)
            : new LedgerDecision { Action = LedgerAction.Appended, Delta = drift, Limit = applies };
    }

    /// <summary>
    /// Whether a replacement needs no fresh count. Over quota each delivery makes a line too many, but what is followed
    /// event by event is not counted for that more often than others doubt one line.
    /// </summary>
    /// <param name="age">Milliseconds since all directories were counted.</param>
    public bool HoldsAfterCount(long age) => Reason == RecalcReason.OverQuotaUnverified
        && age < (long)OverQuotaCheck.Unverified.TotalMilliseconds;

    /// <summary>
    /// The limit that applies: a forced one, else what the header says, else the configured one; null when nobody set
    /// one.
    /// </summary>
    public static QuotaLimit? LimitOf(LedgerReading reading, ConfiguredLimit? configured) =>
        configured is { } limit ? limit.Beside(reading.Ledger?.Limit) : reading.Ledger?.Limit;

    /// <summary>
    /// The header of a replacement: its owner's bytes if they are sound, short and say the same (thousands of zeros
    /// would fill the file), else our own.
    /// </summary>
    public byte[] HeaderFor(LedgerReading reading) =>
        reading.Ledger?.Header is { Length: <= LongestHeader } header
            && LedgerHeader.Read(header, out var limit) is null && limit == Limit
            ? header
            : MaildirSizeFormat.FormatHeader(Limit);

    /// <summary>
    /// A mailbox over quota gets a fresh line before the others stop believing the old one: in how many milliseconds;
    /// null under quota.
    /// </summary>
    public long? RefreshIn(LedgerReading reading) =>
        reading.Ledger?.Usage is { } used && Limit.IsOver(used)
            ? Math.Max(1000, (long)(OverQuotaRefresh - reading.Age).TotalMilliseconds)
            : null;

    private static LedgerDecision Replace(RecalcReason reason, QuotaLimit limit) =>
        new() { Action = LedgerAction.Replaced, Reason = reason, Limit = limit };
}
