namespace MaildirQuotaWatcher.Limits;

/// <summary>What <see cref="LimitService"/> asks. Immutable.</summary>
/// <param name="Sources">In order.</param>
/// <param name="Refresh">As <see cref="LimitOptions.Refresh"/>.</param>
internal sealed record LimitSetup(IReadOnlyList<ILimitSource> Sources, TimeSpan Refresh);
