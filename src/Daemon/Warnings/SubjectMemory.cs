using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>
/// One subject of which anything is remembered, in memory: its thresholds, its newest usage, and what of it is our own
/// doing. Under the lock of its key.
/// </summary>
/// <remarks>
/// A warning is often a message into the same mailbox. The first growth by one message of at most 16 KiB within a
/// minute of the script's start is taken for it and not counted when thresholds are compared, until real usage, that
/// message included, has been below every threshold. So our message is not the reason for the next warning of this
/// subject. When it comes together with others, so much of their growth is taken for it as the script has announced
/// (<see cref="ScriptOutput.OwnMessage"/>), and nothing if it has not. A group counts what its members get.
/// </remarks>
internal sealed class SubjectMemory(WarningState state, Usage ours, long seen)
{
    public const long LargestOwnMessage = 16 * 1024;
    public const long SecondsForOwnMessage = 60;

    private long? _scriptStarted;
    private long _announced;

    public WarningState State { get; set; } = state;

    /// <summary>Our own messages, not counted.</summary>
    public Usage Ours { get; set; } = ours;

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

    public StoredState Stored => new(State, Ours, Seen);

    /// <summary>True when nothing of it is of any use later.</summary>
    /// <param name="now">Unix seconds.</param>
    public bool IsIdle(long now) => Waiting <= 0 && Stored.IsEmpty && !AwaitsOurs(now);

    /// <summary>Its script has started.</summary>
    /// <param name="now">Unix seconds.</param>
    public void StartScript(long now) => (_scriptStarted, _announced) = (now, 0);

    /// <summary>Its script is about to deliver a message of so many bytes.</summary>
    public void Announce(long bytes) => _announced = bytes is > 0 and <= LargestOwnMessage ? bytes : 0;

    /// <summary>True when a message of our own may come soon.</summary>
    public bool AwaitsOurs(long now) => now - _scriptStarted <= SecondsForOwnMessage;

    /// <summary>Looks whether this change is our own message.</summary>
    public void Notice(Usage usage, long now)
    {
        if (Newest is not { } before || !AwaitsOurs(now)) return;
        var growth = usage - before;
        var among = _announced > 0 && growth.Messages > 1 && growth.Bytes >= _announced;
        if (!among && growth is not { Messages: 1, Bytes: > 0 and <= LargestOwnMessage }) return;
        Ours += among ? new UsageDelta(_announced, 1) : growth;
        _scriptStarted = null;
    }

    /// <summary>Usage as thresholds see it.</summary>
    public Usage Counted(Usage usage) =>
        new(Math.Max(0, usage.Bytes - Ours.Bytes), Math.Max(0, usage.Messages - Ours.Messages));

    /// <summary>What was told of a subject: usage, limit, rules of its own (null for the configured).</summary>
    internal sealed record Report(
        WarningSubject Subject, Usage Usage, QuotaLimit Limit, IReadOnlyList<WarningRule>? Rules);
}
