namespace MaildirQuotaWatcher.Warnings;

/// <summary>One row of the store: what a mailbox remembers and which warnings are due. Immutable.</summary>
/// <param name="State">Thresholds marked.</param>
/// <param name="Pending">Lines of <see cref="PendingWarning.ToLine"/>, oldest first.</param>
internal sealed record StoredWarnings(WarningState State, IReadOnlyList<string> Pending)
{
    public bool IsEmpty => State.IsEmpty && Pending.Count == 0;
}
