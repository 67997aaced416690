using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing.Simulation;

namespace MaildirQuotaWatcher.Core.Tests.Accounting;

/// <summary>Single situations of one mailbox that random stories seldom meet.</summary>
public sealed class MailboxAccountantTests
{
    private static readonly ConfiguredLimit Limit = new(new QuotaLimit(1_000_000, 0), Forced: true);
    private readonly SimulatedDisk _disk = new(["", ".Sent", ".Trash"], "1000000S\n0 0\n");
    private readonly ForeignWriter _writer;

    public MailboxAccountantTests() => _writer = new ForeignWriter(_disk, CountingPolicy.MaildirPlusPlus);

    private Usage Truth => _disk.Count(CountingPolicy.MaildirPlusPlus);

    [Fact]
    public void Run_OverQuota_OneFreshLineBefore15Minutes()
    {
        _writer.Drop(_disk.Directories[0], 2_000_000, 0, named: true);
        var mailbox = Start(null);

        for (var minute = 0; minute < 120; minute++)
        {
            mailbox.Run(60_000);
            Assert.Single(_disk.Ledger!.Text.Split('\n')[1..^1]);
            Assert.True(_disk.UnixSeconds - _disk.Ledger.ModifiedSeconds < 900);
        }

        Assert.InRange(mailbox.Writes.Count, 8, 10);
    }

    [Fact]
    public void Run_DeliveriesOverQuota_OneLineEach_AndOneCountIn15Minutes()
    {
        _writer.Drop(_disk.Directories[0], 2_000_000, 0, named: true);
        var mailbox = Start(null);
        mailbox.Run(60_000);
        var counts = mailbox.Counts;

        for (var minute = 0; minute < 120; minute++)
        {
            _disk.Schedule(0, () => _writer.Drop(_disk.Directories[0], 10, 0, named: true));
            mailbox.Run(60_000);
            Assert.Equal(Truth, _disk.Ledger!.Parsed.Usage);
            Assert.Single(_disk.Ledger!.Text.Split('\n')[1..^1]);
        }

        Assert.InRange(mailbox.Counts - counts, 7, 9);
    }

    [Fact]
    public void Run_WholeMailboxIsRemoved_WithPauses_LedgerIsNotMadeAgainMeanwhile()
    {
        for (var i = 0; i < 20; i++)
            _writer.Drop(_disk.Directories[0], 10, 0, named: true);
        var mailbox = Start(Limit);
        mailbox.Run(60_000);
        var writes = mailbox.Writes.Count;

        _disk.Schedule(0, _disk.DeleteLedger);
        foreach (var (number, name) in _disk.Directories[0].Entries.Keys.ToArray().Index())
            _disk.Schedule(1000 * (number + 1), () => _disk.Unlink(_disk.Directories[0], name));
        mailbox.Run(20_000);
        Assert.Equal(writes, mailbox.Writes.Count);

        mailbox.Run(4_000);
        Assert.Equal(Usage.Zero, _disk.Ledger!.Parsed.Usage);
    }

    [Fact]
    public void Run_FenceLostWithNothingElseChanged_IsCorrectedAllTheSame()
    {
        var mailbox = Start(Limit);
        _disk.Schedule(0, () => _disk.RebuildLedger("1000000S\n70 7\n"));
        mailbox.LosesNextFence = true;
        mailbox.Run(60_000);
        Assert.False(mailbox.LosesNextFence);
        mailbox.Accountant.DirectoriesChanged(_disk.Now);
        mailbox.Run(60_000);

        Assert.Equal(Truth, _disk.Ledger!.Parsed.Usage);
    }

    [Fact]
    public void Run_DiskFull_BacksOffAndThenHeals()
    {
        var mailbox = Start(Limit);
        mailbox.Broken = "no space";
        _disk.Schedule(0, () => _writer.Drop(_disk.Directories[0], 10, 0, named: true));
        mailbox.Run(3_600_000);
        var attempts = mailbox.Changes.Count(change => change.Action == LedgerAction.Failed);
        Assert.InRange(attempts, 1, 2);

        mailbox.Broken = null;
        mailbox.Run(301_000);

        Assert.Equal(Truth, _disk.Ledger!.Parsed.Usage);
    }

    [Fact]
    public void Run_SomebodyInsistsOnHisLimit_HeaderIsLeftToHim()
    {
        var mailbox = Start(Limit);
        mailbox.AfterWrite = () => _disk.Schedule(50, () => _disk.RebuildLedger("5S\n0 0\n"));
        _disk.Schedule(0, () => _disk.RebuildLedger("5S\n0 0\n"));
        mailbox.Run(600_000);

        Assert.InRange(mailbox.Writes.Count, 3, 4);
        Assert.Equal("5S\n0 0\n", _disk.Ledger!.Text);
        Assert.Contains(mailbox.Changes, change => change.Problem?.Contains("left to it", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Run_HeaderIsLeftToSomebody_WhatIsConfiguredForEverybodyStillApplies()
    {
        var mailbox = Start(Limit);
        mailbox.AfterWrite = () => _disk.Schedule(50, () => _disk.RebuildLedger("5S\n0 0\n"));
        _disk.Schedule(0, () => _disk.RebuildLedger("5S\n0 0\n"));
        mailbox.Run(600_000);

        _writer.Drop(_disk.Directories[0], 700, 0, named: true);
        mailbox.Run(10_000);

        Assert.Equal(Limit.Limit, mailbox.Changes[^1].Limit);
        Assert.Equal(new QuotaLimit(5, 0), mailbox.Changes[^1].Header);
    }

    [Fact]
    public void Run_SomebodyNeverStopsRebuildingWrongly_OtherPoliciesAreNotCountedForEver()
    {
        _writer.Drop(_disk.Directories[0], 700, 0, named: true);
        var mailbox = Start(null);
        for (var round = 0; round < 300; round++)
        {
            // Now and then a right one, lest it stay contested.
            var text = round % 8 == 7 ? "700 1" : $"{round} 1";
            _disk.Schedule(0, () => _disk.RebuildLedger($"1000000S\n{text}\n"));
            mailbox.Run(2_000);
        }

        Assert.InRange(mailbox.CountsByOthers, 1, 6);
    }

    [Theory]
    [InlineData(0, 50)]
    [InlineData(0, 1000)]
    [InlineData(2_000_000, 50)]
    [InlineData(2_000_000, 1000)]
    public void Run_SomebodyCountsByAnotherPolicy_IsContestedAndSilent(long inboxBytes, long delay)
    {
        if (inboxBytes > 0)
            _writer.Drop(_disk.Directories[0], inboxBytes, 0, named: true);
        _writer.Drop(_disk.Directories[4], 700, 0, named: true);
        var mailbox = Start(null);
        void Rebuild() => _writer.Rebuild(CountingPolicy.Dovecot, "1000000S");
        mailbox.AfterWrite = () => _disk.Schedule(delay, Rebuild);
        _disk.Schedule(0, Rebuild);
        mailbox.Run(60_000);

        var writes = mailbox.Writes.Count;
        Assert.InRange(writes, 1, 6);
        Assert.Equal(LedgerAction.Contested, mailbox.Changes[^1].Action);
        Assert.Contains("counting = dovecot", mailbox.Changes[^1].Problem, StringComparison.Ordinal);
        mailbox.Run(3_600_000);
        Assert.Equal(writes, mailbox.Writes.Count);

        mailbox.AfterWrite = null;
        mailbox.Accountant.Recalculate(_disk.Now);
        mailbox.Run(1000);
        Assert.Equal(Truth, _disk.Ledger!.Parsed.Usage);
    }

    [Fact]
    public void Run_SomebodyBelievesNamesThatWeDoNot_TheSettingIsNamed()
    {
        _disk.RenameIn(_disk.Directories[0], "1.liar,S=1", new SimulatedInode(700));
        var policy = CountingPolicy.MaildirPlusPlus.WithoutTrustedNames();
        var mailbox = new SimulatedMailbox(_disk, new AccountantOptions { Policy = policy }, null, seed: 1);
        void Rebuild() => _writer.Rebuild(CountingPolicy.MaildirPlusPlus, "1000000S");
        mailbox.AfterWrite = () => _disk.Schedule(1000, Rebuild);
        _disk.Schedule(0, Rebuild);
        mailbox.Run(60_000);

        Assert.Equal(LedgerAction.Contested, mailbox.Changes[^1].Action);
        Assert.Contains("trust_names = yes", mailbox.Changes[^1].Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("counting =", mailbox.Changes[^1].Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_NeverQuiet_IsCorrectedWithinAMinute(bool movesBetweenFolders)
    {
        var mailbox = Start(Limit);
        _disk.Schedule(0, () => _writer.Drop(_disk.Directories[0], 12345, 0, named: true));
        mailbox.Run(0);
        var (at, to) = (0, 2);
        var name = _disk.Directories[0].Entries.Keys.Single();
        for (var i = 0; i < 300; i++)
        {
            _disk.Schedule(200 * i, () =>
            {
                var renamed = $"{name}:2,{(_disk.Milliseconds % 400 == 0 ? "S" : "")}";
                var old = _disk.Directories[at].Entries.Keys.Single();
                if (!movesBetweenFolders)
                    to = at;
                _disk.Rename(_disk.Directories[at], old, _disk.Directories[to], old == renamed ? name : renamed);
                (at, to) = (to, at);
            });
        }

        mailbox.Run(60_000);

        Assert.Equal(new Usage(12345, 1), _disk.Ledger!.Parsed.Usage);
        Assert.Single(mailbox.Writes);
    }

    [Fact]
    public void Run_NeverQuietButRightlyEntered_WritesNothing()
    {
        var mailbox = Start(Limit);
        for (var i = 0; i < 600; i++)
            _disk.Schedule(100 * i, () => _writer.DeliverLineFirst(_disk.Directories[0], 10, 20));
        mailbox.Run(90_000);

        Assert.All(mailbox.Writes, write => Assert.True(write.Replaced, write.ToString()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Run_NeverQuietWithOneMessageNotEntered_IsCorrectedWithinAMinute(int window)
    {
        var mailbox = Start(Limit);
        var random = new Random(5);
        _disk.Schedule(0, () => _writer.Drop(_disk.Directories[0], 777, 0, named: true));
        for (var at = 0; at < 60_000; at += random.Next(200, 290))
            _disk.Schedule(at, () => _writer.DeliverLineFirst(_disk.Directories[0], 10, random.Next(window + 1)));
        mailbox.Run(59_000);

        Assert.Equal(_writer.Pending, (Truth - _disk.Ledger!.Parsed.Usage!.Value).Messages);
        Assert.True(mailbox.Writes.Count <= 4, string.Join("\n", mailbox.Writes));
    }

    [Theory]
    [InlineData(300, 50)]
    [InlineData(300, 250)]
    [InlineData(100, 50)]
    [InlineData(100, 250)]
    public void Run_NeverQuietAllOfOneSize_AppendsNothing(int gap, int window)
    {
        var random = new Random(gap + window);
        var mailbox = Start(Limit);
        for (var at = 0; at < 60_000; at += random.Next(gap / 2, gap))
            _disk.Schedule(at, () => _writer.DeliverLineFirst(_disk.Directories[0], 10, random.Next(window + 1)));
        mailbox.Run(70_000);

        Assert.DoesNotContain(mailbox.Writes, write => !write.Replaced);
        Assert.Equal(Truth, _disk.Ledger!.Parsed.Usage);
    }

    [Fact]
    public void Run_HeaderOfThousandsOfZeros_IsNotRewrittenForEver()
    {
        _disk.RebuildLedger(new string('0', 4500) + "1000S\n0 0\n");
        var mailbox = Start(null);
        mailbox.Run(60_000);

        Assert.InRange(mailbox.Writes.Count, 1, 2);
        Assert.Equal("1000S\n0 0\n", _disk.Ledger!.Text);
    }

    [Fact]
    public void Run_FlawedHeaderOfATooLongFile_IsReplacedOnce()
    {
        _disk.RebuildLedger("1000S\r\n" + string.Concat(Enumerable.Repeat("0 0\n", 1500)));
        var mailbox = Start(null);
        mailbox.Run(60_000);

        Assert.Single(mailbox.Writes);
        Assert.Equal("1000S\n0 0\n", _disk.Ledger!.Text);
    }

    [Fact]
    public void Recalculate_SoundLedger_ReplacesOnce()
    {
        var mailbox = Start(Limit);
        mailbox.Run(1000);
        mailbox.Accountant.Recalculate(_disk.Now);
        mailbox.Run(60_000);

        Assert.Equal(RecalcReason.Forced, mailbox.Changes[^1].Reason);
        Assert.Single(mailbox.Writes);
    }

    [Fact]
    public void Apply_LiveMailbox_AllocatesNothing()
    {
        var mailbox = Start(Limit);
        mailbox.Run(1000);
        var accountant = mailbox.Accountant;
        var now = _disk.Now;
        Feed(accountant, now, 1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Feed(accountant, now, 10_000);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Feed(MailboxAccountant accountant, Moment now, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            Apply(accountant, MaildirEventKind.MovedIn, "1700000000.M1.host,S=1234"u8, 7, now);
            Apply(accountant, MaildirEventKind.MovedOut, "1700000000.M1.host,S=1234"u8, 8, now);
            Apply(accountant, MaildirEventKind.MovedIn, "1700000000.M1.host,S=1234:2,S"u8, 8, now);
            Apply(accountant, MaildirEventKind.Deleted, "1700000000.M1.host,S=1234:2,S"u8, 0, now);
            // Rarely: about every 150th is a reason to look at the ledger, and looking makes a reading.
            if (i % 100 == 0)
                Apply(accountant, MaildirEventKind.LedgerTouched, default, 0, now);
        }
    }

    private static void Apply(
        MailboxAccountant accountant, MaildirEventKind kind, ReadOnlySpan<byte> name, uint cookie, Moment now) =>
        accountant.Apply(new MaildirEvent { Kind = kind, Directory = 1, Name = name, Cookie = cookie }, now);

    private SimulatedMailbox Start(ConfiguredLimit? limit) => new(_disk, new AccountantOptions(), limit, seed: 1);
}
