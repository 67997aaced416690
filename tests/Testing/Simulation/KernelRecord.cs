using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Testing.Simulation;

/// <summary>One record of the simulated kernel queue.</summary>
/// <param name="Kind">What happened; unused for the others below.</param>
/// <param name="Directory">Where; null for the ledger and for fences.</param>
/// <param name="Name">Entry name.</param>
/// <param name="Cookie">Joins the halves of a rename.</param>
/// <param name="Fence">Not 0: a fence, nothing else.</param>
/// <param name="FoldersChanged">A folder came or went: the layout has to be looked at.</param>
public sealed record KernelRecord(
    MaildirEventKind Kind, SimulatedDirectory? Directory = null, string Name = "", uint Cookie = 0, long Fence = 0,
    bool FoldersChanged = false);
