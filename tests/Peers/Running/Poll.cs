using System.Diagnostics;

namespace MaildirQuotaWatcher.Peers.Running;

/// <summary>Waiting for a condition, never for a time.</summary>
internal static class Poll
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    /// <summary>Looks until it holds. False when it still does not after <paramref name="within"/>.</summary>
    public static bool Until(Func<bool> holds, TimeSpan within) => Until(holds, within, out _);

    /// <param name="took">How long it took to hold.</param>
    public static bool Until(Func<bool> holds, TimeSpan within, out TimeSpan took)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var late = clock.Elapsed > within;
            var yes = holds();
            took = clock.Elapsed;
            if (yes || late)
                return yes;
            Thread.Sleep(Step);
        }
    }
}
