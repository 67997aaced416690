using System.Globalization;
using MaildirQuotaWatcher.Daemon.Tests.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.State;
using MaildirQuotaWatcher.Testing;
using Serilog.Core;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>What fails each time it is tried takes nothing from the others, however long.</summary>
public sealed class LastingTroubleTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void InternalError_AtEachAttempt_LeavesNothingOpen()
    {
        var mailbox = Path.Combine(_scratch.FullName, "Maildir");
        LiveWatch.MakeMaildir(mailbox);
        // To ask a closed store is such an error.
        var totals = TotalsStore.Open(Path.Combine(_scratch.FullName, "state"), Logger.None);
        totals.Dispose();
        var options = LiveWatch.Counting(CountingPolicy.MaildirPlusPlus) with
        {
            Totals = totals,
            RetryAfter = TimeSpan.FromMilliseconds(3),
        };
        using var live = new LiveWatch(options, mailbox);

        // It is said again after forty attempts.
        LiveWatch.WaitFor(() => live.Changes(mailbox).Count > 1, () => "it is not tried again");

        Assert.InRange(OpenIn(mailbox), 0, 1);
    }

    private static int OpenIn(string directory) => int.Parse(
        Shell.Run("sh", "-c", "ls -l /proc/$1/fd | grep -c -- \"-> $2\\$\" || true", "sh",
            $"{Environment.ProcessId}", directory),
        CultureInfo.InvariantCulture);
}
