namespace MaildirQuotaWatcher.Warnings;

/// <summary>What is remembered of one threshold of one mailbox.</summary>
/// <param name="Key"><see cref="WarningRule.MemoryKey"/>.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="At">Since when, in Unix seconds; 0 when not known.</param>
/// <param name="Warned">True when its own warning was due then, false when another one spoke for it.</param>
public readonly record struct PartMemory(string Key, PartPhase Phase, long At, bool Warned);

/// <summary>Where a threshold stands; what is not remembered is armed (over) or has not been above (below).</summary>
public enum PartPhase
{
    /// <summary>Usage stands at or above: an over-threshold has fired, a below-threshold is armed.</summary>
    Above,

    /// <summary>Only below-thresholds: it has fired, and usage was not high enough since to arm it again.</summary>
    Left,
}
