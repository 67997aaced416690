using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Core.Tests.Quota;

public sealed class LedgerDecisionTests
{
    [Theory]
    [InlineData(true, true, LedgerAction.Replaced)]
    [InlineData(true, false, LedgerAction.Absent)]
    [InlineData(false, true, LedgerAction.Absent)]
    [InlineData(false, false, LedgerAction.Absent)]
    public void For_MissingLedger_IsMadeOnlyWhereALimitAppliesAndItMay(bool limited, bool create, LedgerAction expected)
    {
        var reading = new LedgerReading { State = LedgerState.Absent };
        ConfiguredLimit? limit = limited ? new ConfiguredLimit(new QuotaLimit(1000, 0), Forced: true) : null;

        var decision = LedgerDecision.For(reading, new Usage(10, 1), limit, forced: false, create);

        Assert.Equal(expected, decision.Action);
        Assert.Equal(expected == LedgerAction.Replaced ? RecalcReason.Missing : null, decision.Reason);
    }
}
