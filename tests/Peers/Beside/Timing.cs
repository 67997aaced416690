namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>What the daemon is held to, and how much is asked of it; the sizes can be set from outside.</summary>
internal static class Timing
{
    /// <summary>
    /// A ledger that does not equal the truth so long after the last change is wrong. How long it took is printed: on an
    /// idle machine less than a second.
    /// </summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    public static string[] Settle { get; } = ["--settle", "300ms"];

    public static int Deliveries { get; } = Number("MQW_DELIVERIES", 1000);

    public static TimeSpan Soak { get; } = TimeSpan.FromSeconds(Number("MQW_SOAK_SECONDS", 120));

    /// <summary>Repeats an earlier run's random choices, as far as the kernel's scheduling lets it.</summary>
    public static int Seed { get; } = Number("MQW_SEED", Environment.TickCount & 0xffffff);

    /// <summary>The random choices of a test, whose output has their seed.</summary>
    public static Random Random(ITestOutputHelper output)
    {
        output.WriteLine($"seed {Seed} (MQW_SEED)");
        return new Random(Seed);
    }

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out var number) ? number : otherwise;
}
