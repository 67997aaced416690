namespace MaildirQuotaWatcher.Quota;

/// <summary>What a mailbox holds, or what a ledger says it holds: bytes and messages, never negative when
/// true.</summary>
/// <param name="Bytes">Sum of message sizes, in bytes.</param>
/// <param name="Messages">Number of messages.</param>
public readonly record struct Usage(long Bytes, long Messages)
{
    public static Usage Zero => default;

    public static Usage operator +(Usage usage, UsageDelta delta) =>
        new(usage.Bytes + delta.Bytes, usage.Messages + delta.Messages);

    /// <summary>The delta that leads from <paramref name="ledger"/> to <paramref name="truth"/>: the drift.</summary>
    public static UsageDelta operator -(Usage truth, Usage ledger) =>
        new(truth.Bytes - ledger.Bytes, truth.Messages - ledger.Messages);

    public override string ToString() => $"{Bytes} bytes, {Messages} messages";
}
