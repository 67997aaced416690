using MaildirQuotaWatcher.Cli;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Daemon.Tests.Cli;

public sealed class ChangeReporterTests
{
    [Theory]
    [InlineData(1000, 50, 2000, 50, "LimitChanged from 1000S,50C to 2000S,50C")]
    [InlineData(1000, 50, 1000, 0,
        "LimitChanged from 1000S,50C to 1000S (no message limit any more; messages=50 beside the other limit keeps it)")]
    [InlineData(1000, 0, 0, 50,
        "LimitChanged from 1000S to 50C (no storage limit any more; bytes=1000 beside the other limit keeps it)")]
    [InlineData(1000, 50, 0, 0, "LimitChanged from 1000S,50C to 0S")]
    public void Describe_AnotherLimit_SaysWhatItWas_AndWhichLimitIsGone(
        long bytes, long messages, long newBytes, long newMessages, string expected)
    {
        var change = new UsageChange
        {
            Before = null,
            After = Usage.Zero,
            Ledger = Usage.Zero,
            Header = new QuotaLimit(bytes, messages),
            Limit = new QuotaLimit(newBytes, newMessages),
            Action = LedgerAction.Replaced,
            Reason = RecalcReason.LimitChanged,
        };

        Assert.EndsWith($"; replaced maildirsize: {expected}", ChangeReporter.Describe(change), StringComparison.Ordinal);
        Assert.EndsWith($"; would replace maildirsize: {expected}",
            ChangeReporter.Describe(change with { Action = LedgerAction.WouldReplace }), StringComparison.Ordinal);
    }
}
