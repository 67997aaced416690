using System.Text;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Core.Tests.Accounting;

/// <summary>What the ledger needs: a row for every reason.</summary>
public sealed class LedgerDecisionTests
{
    private const string Long = "1 1\n";

    private static readonly ConfiguredLimit Forced1000 = new(new QuotaLimit(1000, 0), Forced: true);

    [Theory]
    [InlineData("1000S\n10 1\n", 10, 1, false, LedgerAction.None, null)]
    [InlineData("1000S\n10 1\n", 30, 2, false, LedgerAction.Appended, null)]
    [InlineData("1000S\n10 1\n", 0, 0, false, LedgerAction.Appended, null)]
    [InlineData("1000S\n10 1\n", 10, 1, true, LedgerAction.Replaced, RecalcReason.Forced)]
    [InlineData("1000S\n", 0, 0, false, LedgerAction.Replaced, RecalcReason.HeaderOnly)]
    [InlineData("1000S\n10 1", 10, 1, false, LedgerAction.Replaced, RecalcReason.Malformed)]
    [InlineData("1000S\n-10 1\n", 10, 1, false, LedgerAction.Replaced, RecalcReason.NegativeTotal)]
    [InlineData("2000S\n10 1\n", 10, 1, false, LedgerAction.Replaced, RecalcReason.LimitChanged)]
    [InlineData("1000S\n1001 1\n", 1001, 1, false, LedgerAction.None, null)]
    [InlineData("1000S\n1000 1\n1 0\n", 1001, 1, false, LedgerAction.Replaced, RecalcReason.OverQuotaUnverified)]
    [InlineData("1000S\n10 1\n", 1001, 2, false, LedgerAction.Replaced, RecalcReason.OverQuotaUnverified)]
    [InlineData("1000S\n1001 1\n", 1000, 1, false, LedgerAction.Appended, null)]
    [InlineData("1000X\n10 1\n", 10, 1, false, LedgerAction.Replaced, RecalcReason.Malformed)]
    public void For_WithLimit1000_Decides(
        string text, long bytes, long messages, bool forced, LedgerAction action, RecalcReason? reason)
    {
        var decision = LedgerDecision.For(Read(text), new Usage(bytes, messages), Forced1000, forced);

        Assert.Equal((action, reason), (decision.Action, decision.Reason));
    }

    [Theory]
    [InlineData(990, 0, LedgerAction.None, null)]
    [InlineData(990, 5, LedgerAction.Replaced, RecalcReason.NearlyTooLong)]
    [InlineData(1000, 0, LedgerAction.Replaced, RecalcReason.NearlyTooLong)]
    [InlineData(1280, 0, LedgerAction.Replaced, RecalcReason.TooLong)]
    public void For_LongFile_IsReplacedBeforeOthersHaveTo(int lines, int drift, LedgerAction action, RecalcReason? reason)
    {
        var text = "1000000S\n" + string.Concat(Enumerable.Repeat(Long, lines));

        var decision = LedgerDecision.For(Read(text), new Usage(lines + drift, lines), null);

        Assert.Equal((action, reason), (decision.Action, decision.Reason));
    }

    [Theory]
    [InlineData(839, LedgerAction.None)]
    [InlineData(840, LedgerAction.Replaced)]
    public void For_OverQuota_OneLineIsRefreshedBefore15Minutes(int seconds, LedgerAction action) => Assert.Equal(
        action, LedgerDecision.For(Read("1000S\n1001 1\n", seconds), new Usage(1001, 1), null).Action);

    [Fact]
    public void For_NoFile_IsMadeOnlyForAnAdministratorsLimit()
    {
        var absent = new LedgerReading { State = LedgerState.Absent };

        Assert.Equal(LedgerAction.Absent, LedgerDecision.For(absent, Usage.Zero, null).Action);
        Assert.Equal(RecalcReason.Missing, LedgerDecision.For(absent, Usage.Zero, Forced1000).Reason);
    }

    [Theory]
    [InlineData(false, "3000S,5C\n10 1\n", LedgerAction.None, null, 3000, 5)]
    [InlineData(false, "0S\n10 1\n", LedgerAction.None, null, 0, 0)]
    [InlineData(false, "1000X\n10 1\n", LedgerAction.Replaced, RecalcReason.Malformed, 1000, 0)]
    [InlineData(true, "3000S,5C\n10 1\n", LedgerAction.Replaced, RecalcReason.LimitChanged, 1000, 0)]
    [InlineData(true, "0S\n10 1\n", LedgerAction.Replaced, RecalcReason.LimitChanged, 1000, 0)]
    public void For_ConfiguredLimit1000_OnlyAForcedOneOverridesTheHeader(
        bool forced, string text, LedgerAction action, RecalcReason? reason, long bytes, long messages)
    {
        var decision = LedgerDecision.For(Read(text), new Usage(10, 1), Forced1000 with { Forced = forced });

        Assert.Equal((action, reason), (decision.Action, decision.Reason));
        Assert.Equal(new QuotaLimit(bytes, messages), decision.Limit);
    }

    [Theory]
    [InlineData(10, LedgerAction.None, null)]
    [InlineData(0, LedgerAction.Replaced, RecalcReason.RulesChanged)]
    [InlineData(30, LedgerAction.Replaced, RecalcReason.RulesChanged)]
    public void For_RulesChanged_ADifferenceIsReplaced(long bytes, LedgerAction action, RecalcReason? reason)
    {
        var decision = LedgerDecision.For(
            Read("1000S\n10 1\n"), new Usage(bytes, 1), null, rulesChanged: true);

        Assert.Equal((action, reason), (decision.Action, decision.Reason));
    }

    [Theory]
    [InlineData(LedgerState.Refused)]
    [InlineData(LedgerState.Failed)]
    public void For_NoReading_Fails(LedgerState state)
    {
        var reading = new LedgerReading { State = state, Problem = "why" };

        var decision = LedgerDecision.For(reading, Usage.Zero, Forced1000, forced: true);

        Assert.Equal((LedgerAction.Failed, "why"), (decision.Action, decision.Problem));
    }

    [Fact]
    public void For_UnclearHeaderWithoutLimit_IsLeftAlone() => Assert.Equal(
        LedgerAction.Failed, LedgerDecision.For(Read("1000X\n0 0\n"), Usage.Zero, null, forced: true).Action);

    private static LedgerReading Read(string text, int seconds = 0) => new()
    {
        State = LedgerState.Present,
        Ledger = MaildirSizeFormat.Parse(Encoding.Latin1.GetBytes(text), text.Length),
        Age = TimeSpan.FromSeconds(seconds),
    };
}
