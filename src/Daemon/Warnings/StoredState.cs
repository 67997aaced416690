namespace MaildirQuotaWatcher.Warnings;

/// <summary>What is remembered of one subject. Immutable.</summary>
/// <param name="State">Its thresholds.</param>
/// <param name="Seen">When it was last known to be there, in Unix seconds.</param>
internal sealed record StoredState(WarningState State, long Seen)
{
    public bool IsEmpty => State.IsEmpty;
}
