namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>One line of the table; what was not measured is null and stays empty. Immutable.</summary>
/// <param name="Work">What was done.</param>
internal sealed record BenchRow(string Work)
{
    public long? Operations { get; init; }

    public double? OperationsPerSecond { get; init; }

    public double? EventsPerSecond { get; init; }

    /// <summary>Processor time of the engine's threads for each event, microseconds.</summary>
    public double? CpuPerEvent { get; init; }

    /// <summary>Sorted milliseconds from the change to the right ledger, less the settle time.</summary>
    public double[] Latencies { get; init; } = [];

    /// <summary>Milliseconds from the last change until every ledger was right, settle time included.</summary>
    public double? RightAfter { get; init; }

    public string Remark { get; init; } = "";
}
