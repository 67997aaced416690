using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// One subject of which anything is remembered, in memory: its thresholds, and its newest usage. Under the lock of its
/// key.
/// </summary>
internal sealed class SubjectMemory(WarningState state, long seen)
{
    public WarningState State { get; set; } = state;

    /// <summary>When it was last known to be there, as stored; Unix seconds.</summary>
    public long Seen { get; set; } = seen;

    /// <summary>The newest that was told; null before the first since the start of the process, or when it is
    /// absent.</summary>
    public Usage? Newest { get; set; }

    /// <summary>The limit that came with <see cref="Newest"/>.</summary>
    public QuotaLimit Limit { get; set; }

    /// <summary>Warnings that are due and have not started; while there are any, nothing is forgotten.</summary>
    public int Waiting { get; set; }

    /// <summary>What came with <see cref="Newest"/>, where reminders need it.</summary>
    public Report? Reminder { get; set; }

    /// <summary><see cref="DueWarning.Largest"/> of the last crossing, where reminders need it.</summary>
    public string Largest { get; set; } = "";

    public StoredState Stored => new(State, Seen);

    /// <summary>True when nothing of it is of any use later.</summary>
    public bool IsIdle => Waiting <= 0 && State.IsEmpty;

    /// <summary>What was told of a subject: usage, how much of it is our own messages, limit, rules of its own (null
    /// for the configured).</summary>
    internal sealed record Report(
        WarningSubject Subject, Usage Usage, Usage Own, QuotaLimit Limit, IReadOnlyList<WarningRule>? Rules);
}
