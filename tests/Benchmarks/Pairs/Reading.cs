namespace MaildirQuotaWatcher.Benchmarks.Pairs;

/// <summary>What one run did. Immutable.</summary>
/// <param name="Microseconds">How long all of it took.</param>
/// <param name="Units">How many messages, watches, events or lines it was.</param>
internal readonly record struct Timing(double Microseconds, long Units);

/// <summary>Several numbers of one run, such as percentiles; the smaller the better. Immutable.</summary>
/// <param name="Numbers">In the order of the contest's rows.</param>
/// <param name="Units">How much work it was; both sides must have done the same. 0: not comparable.</param>
internal readonly record struct Reading(double[] Numbers, long Units)
{
    /// <summary>One number: microseconds for each unit.</summary>
    public static implicit operator Reading(Timing timing) =>
        new([timing.Microseconds / Math.Max(1, timing.Units)], timing.Units);
}
