using System.Diagnostics;

namespace MaildirQuotaWatcher.Daemon.Tests.Running;

/// <summary>Waits for a condition, never for a time.</summary>
internal static class Poll
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static void Until(Func<bool> holds, Func<string> otherwise)
    {
        var clock = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(clock.Elapsed < Limit, otherwise());
            Thread.Sleep(10);
        }
    }
}
