namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>What the daemon is held to, and how much is asked of it; the sizes can be set from outside.</summary>
internal static class Timing
{
    /// <summary>Ledger equal to truth within this time after the last change.</summary>
    public static TimeSpan Promise { get; } = TimeSpan.FromSeconds(1);

    public static string[] Settle { get; } = ["--settle", "300ms"];

    public static int Deliveries { get; } = Number("MQW_DELIVERIES", 1000);

    public static TimeSpan Soak { get; } = TimeSpan.FromSeconds(Number("MQW_SOAK_SECONDS", 120));

    /// <summary>Repeats an earlier run's random choices, as far as the kernel's scheduling lets it.</summary>
    public static int Seed { get; } = Number("MQW_SEED", Environment.TickCount & 0xffffff);

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out var number) ? number : otherwise;
}
