using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing.Simulation;

namespace MaildirQuotaWatcher.Core.Tests.Accounting;

/// <summary>What limits and folder rules do to a mailbox, and what their changing does.</summary>
public sealed class RulesTests
{
    private static readonly FolderTable NoRules = new();
    private static readonly FolderTable SentIgnored = new((".Sent", -1));
    private static readonly FolderTable SentElsewhere = new((".Sent", 1));

    private int _last;
    private SimulatedDisk _disk = new(["", ".Sent"], "3000S,5C\n0 0\n");

    [Theory]
    [InlineData(null, false, 5000, "5000S")]
    [InlineData("3000S,5C", false, 5000, "3000S,5C")]
    [InlineData("0S", false, 5000, "0S")]
    [InlineData("3000S,5C", true, 5000, "5000S")]
    [InlineData("3000S,5C", true, 0, "0S")]
    [InlineData(null, true, 0, "0S")]
    public void Start_ConfiguredLimit_HeaderIs(string? header, bool forced, long bytes, string expected)
    {
        _disk = new SimulatedDisk(["", ".Sent"], header is null ? null : $"{header}\n0 0\n");
        Drop(0, 100);
        var mailbox = Start(new ConfiguredLimit(new QuotaLimit(bytes, 0), forced));
        mailbox.Run(1000);

        Assert.StartsWith($"{expected}\n", _disk.Ledger!.Text, StringComparison.Ordinal);
        Assert.Equal(new Usage(100, 1), _disk.Ledger.Parsed.Usage);
        Assert.Equal(_disk.Ledger.Parsed.Limit, mailbox.Changes[^1].Limit);
    }

    [Fact]
    public void SetLimit_Forced_HeaderAndReportFollowAtOnce()
    {
        var mailbox = Start(Forced(5000));
        mailbox.Run(1000);
        mailbox.Accountant.SetLimit(Forced(50), _disk.Now);
        mailbox.Run(1000);

        Assert.Equal("50S\n0 0\n", _disk.Ledger!.Text);
        Assert.Equal((RecalcReason.LimitChanged, new QuotaLimit(5000, 0), new QuotaLimit(50, 0)),
            (mailbox.Changes[^1].Reason, mailbox.Changes[^1].Header, mailbox.Changes[^1].Limit));
        Assert.Equal(2, mailbox.Changes.Count);
    }

    [Fact]
    public void SetLimit_NotForced_OnlyMattersOnceThereIsNoHeader()
    {
        var mailbox = Start(null);
        mailbox.Run(1000);
        mailbox.Accountant.SetLimit(new ConfiguredLimit(new QuotaLimit(50, 0), Forced: false), _disk.Now);
        mailbox.Run(60_000);
        Assert.Empty(mailbox.Writes);
        Assert.Single(mailbox.Changes, static change => !change.SaysNothingNew);

        _disk.Schedule(0, _disk.DeleteLedger);
        mailbox.Run(4000);
        Assert.Equal("50S\n0 0\n", _disk.Ledger!.Text);
        Assert.Equal(new QuotaLimit(50, 0), mailbox.Changes[^1].Limit);
    }

    [Fact]
    public void SetLimit_NoLongerForced_HeaderStaysAndIsTheAuthority()
    {
        var mailbox = Start(Forced(5000));
        mailbox.Run(1000);
        mailbox.Accountant.SetLimit(Forced(5000) with { Forced = false }, _disk.Now);
        mailbox.Run(1000);
        Assert.Equal("5000S\n0 0\n", _disk.Ledger!.Text);

        _disk.Schedule(0, () => _disk.RebuildLedger("7000S\n0 0\n"));
        mailbox.Run(1000);
        Assert.Equal("7000S\n0 0\n", _disk.Ledger!.Text);
        Assert.Equal(new QuotaLimit(7000, 0), mailbox.Changes[^1].Limit);
    }

    [Fact]
    public void SetLimitAndRules_AsTheyAre_NothingHappens()
    {
        var mailbox = Start(Forced(5000));
        mailbox.Run(1000);
        var (writes, changes, counts) = (mailbox.Writes.Count, mailbox.Changes.Count, mailbox.Counts);
        mailbox.Accountant.SetLimit(Forced(5000), _disk.Now);
        mailbox.SetRoots(new FolderTable((".NotThere", -1)));

        Assert.Equal(long.MaxValue, mailbox.Accountant.DueAt);
        mailbox.Run(60_000);
        Assert.Equal((writes, changes, counts), (mailbox.Writes.Count, mailbox.Changes.Count, mailbox.Counts));
    }

    [Fact]
    public void RulesChanged_FolderIgnored_TotalAtOnce_LedgerReplacedWithThatReason()
    {
        Drop(0, 100);
        Drop(2, 30);
        var mailbox = Start(null);
        mailbox.Run(1000);
        Assert.Equal(new Usage(130, 2), _disk.Ledger!.Parsed.Usage);

        mailbox.SetRoots(SentIgnored);
        Assert.Equal(new Usage(100, 1), mailbox.Accountant.Index.Total);
        mailbox.Run(1000);

        Assert.Equal("3000S,5C\n100 1\n", _disk.Ledger!.Text);
        var change = mailbox.Changes[^1];
        Assert.Equal((LedgerAction.Replaced, RecalcReason.RulesChanged), (change.Action, change.Reason));
        Assert.Equal((new Usage(130, 2), new Usage(100, 1)), (change.Before, change.After));

        // Only that difference comes from the rules: the next is a missing line again.
        _disk.Schedule(0, () => Drop(0, 5));
        mailbox.Run(1000);
        Assert.Equal("3000S,5C\n100 1\n5 1\n", _disk.Ledger!.Text);
    }

    [Fact]
    public void RulesChanged_LedgerCannotBeWritten_KeepsItsReasonUntilItCan()
    {
        Drop(2, 30);
        var mailbox = Start(null);
        mailbox.Run(1000);
        mailbox.Broken = "no space";
        mailbox.SetRoots(SentIgnored);
        mailbox.Run(60_000);
        Assert.Equal(LedgerAction.Failed, mailbox.Changes[^1].Action);

        mailbox.Broken = null;
        mailbox.Run(301_000);
        Assert.Equal(RecalcReason.RulesChanged, mailbox.Changes[^1].Reason);
        Assert.Equal("3000S,5C\n0 0\n", _disk.Ledger!.Text);
    }

    [Fact]
    public void Run_DeliveryToAnotherRoot_IsReported_AndTheLedgerLeftAlone()
    {
        var mailbox = Start(null);
        mailbox.SetRoots(SentElsewhere);
        mailbox.Run(1000);
        Assert.Equal([Usage.Zero], mailbox.Changes[^1].OtherRoots!);
        var writes = mailbox.Writes.Count;

        _disk.Schedule(0, () => Drop(2, 30));
        mailbox.Run(1000);

        Assert.Equal([new Usage(30, 1)], mailbox.Changes[^1].OtherRoots!);
        Assert.Equal((Usage.Zero, LedgerAction.None), (mailbox.Changes[^1].After, mailbox.Changes[^1].Action));
        Assert.Equal(writes, mailbox.Writes.Count);
        var changes = mailbox.Changes.Count;
        mailbox.Run(60_000);
        Assert.Equal(changes, mailbox.Changes.Count);
    }

    [Fact]
    public void RulesChanged_FolderGoesFromOneRootToAnother_IsReported()
    {
        Drop(2, 30);
        var mailbox = Start(null);
        mailbox.SetRoots(SentElsewhere);
        mailbox.Run(1000);
        mailbox.SetRoots(new FolderTable((".Sent", 2)));
        mailbox.Run(1000);
        Assert.Equal([Usage.Zero, new Usage(30, 1)], mailbox.Changes[^1].OtherRoots!);

        mailbox.SetRoots(NoRules);
        mailbox.Run(1000);
        Assert.Null(mailbox.Changes[^1].OtherRoots);
        Assert.Equal(new Usage(30, 1), _disk.Ledger!.Parsed.Usage);
    }

    [Fact]
    public void Reported_OtherRulesOrLimit_IsNothingUntilTheyAreJudged_ThenToldEvenWithTheSameNumbers()
    {
        Drop(2, 30);
        var mailbox = Start(Forced(1000));
        mailbox.SetRoots(SentElsewhere);
        mailbox.Run(1000);
        var (last, told) = (mailbox.Accountant.Reported, mailbox.Changes.Count);
        Assert.NotNull(last);

        mailbox.SetRoots(NoRules);
        Assert.Null(mailbox.Accountant.Reported);
        mailbox.SetRoots(SentElsewhere);
        mailbox.Run(1000);
        Assert.Equal((told + 1, true), (mailbox.Changes.Count, mailbox.Changes[^1].SaysNothingNew));
        Assert.Equal((last.After, last.After), (mailbox.Accountant.Reported!.After, mailbox.Changes[^1].After));

        mailbox.Accountant.SetLimit(Forced(2000), _disk.Now);
        Assert.Null(mailbox.Accountant.Reported);
        mailbox.Run(1000);
        Assert.Equal(2000, mailbox.Accountant.Reported!.Limit!.Value.Bytes);
    }

    [Fact]
    public void Run_AnotherProgramCountsWithoutOurRules_IsContested_UntilTheRulesGo()
    {
        Drop(0, 100);
        Drop(2, 30);
        var mailbox = Start(null);
        mailbox.SetRoots(SentIgnored);
        mailbox.AfterWrite = () => _disk.Schedule(50, () => _disk.RebuildLedger("3000S,5C\n130 2\n"));
        mailbox.Run(60_000);

        Assert.Equal(LedgerAction.Contested, mailbox.Changes[^1].Action);
        Assert.Contains("the folder rules set here", mailbox.Changes[^1].Problem, StringComparison.Ordinal);

        mailbox.SetRoots(NoRules);
        mailbox.Run(1000);
        Assert.Equal((LedgerAction.None, new Usage(130, 2)), (mailbox.Changes[^1].Action, mailbox.Changes[^1].After));
    }

    private static ConfiguredLimit Forced(long bytes) => new(new QuotaLimit(bytes, 0), Forced: true);

    private SimulatedMailbox Start(ConfiguredLimit? limit) => new(_disk, new AccountantOptions(), limit, seed: 1);

    private void Drop(int directory, long bytes) => _disk.RenameIn(
        _disk.Directories[directory], $"{_disk.UnixSeconds}.M{++_last}.host,S={bytes}", new SimulatedInode(bytes));
}
