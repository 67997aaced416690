namespace MaildirQuotaWatcher;

/// <summary>A point in time, handed in by the worker; Core has no clock.</summary>
/// <param name="Milliseconds">Monotonic, for intervals.</param>
/// <param name="UnixSeconds">Wall clock, to compare with message names.</param>
public readonly record struct Moment(long Milliseconds, long UnixSeconds);
