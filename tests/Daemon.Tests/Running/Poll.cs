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
            // What is to be said is asked for only at the end: it may read whole files.
            if (clock.Elapsed > Limit)
                Assert.Fail(otherwise());
            Thread.Sleep(10);
        }
    }
}
