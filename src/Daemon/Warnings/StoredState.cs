using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Warnings;

/// <summary>What is remembered of one subject. Immutable.</summary>
/// <param name="State">Its thresholds.</param>
/// <param name="Ours">Usage that is our own warning messages.</param>
/// <param name="Seen">When it was last known to be there, in Unix seconds.</param>
internal sealed record StoredState(WarningState State, Usage Ours, long Seen)
{
    public bool IsEmpty => State.IsEmpty && Ours == Usage.Zero;
}
