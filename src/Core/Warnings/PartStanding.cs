namespace MaildirQuotaWatcher.Warnings;

/// <summary>One threshold of one mailbox as it stands, for people. Immutable.</summary>
/// <param name="Rule">The warning it belongs to.</param>
/// <param name="Part">The limit.</param>
/// <param name="Level">In bytes or messages; 0 when it has none and never warns.</param>
/// <param name="Used">Of the same resource.</param>
/// <param name="Memory">What is remembered; null for armed (over) or not yet above (below).</param>
public sealed record PartStanding(
    WarningRule Rule, WarningPart Part, Int128 Level, long Used, PartMemory? Memory)
{
    public bool IsReached => Level > 0 && Used >= Level;
}
