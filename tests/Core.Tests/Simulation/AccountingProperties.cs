using FsCheck;
using FsCheck.Fluent;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing.Simulation;

namespace MaildirQuotaWatcher.Core.Tests.Simulation;

/// <summary>Whatever anybody does to a mailbox in whatever order: the ledger comes out right, soon, and stays sound.</summary>
public sealed class AccountingProperties
{
    private static readonly ConfiguredLimit Limit = new(new QuotaLimit(100_000_000, 0), Forced: true);

    private const int Runs = 1000;

    /// <summary>Quota roots that folders may belong to: none, the user's, two others.</summary>
    private static readonly int[] Roots = [-1, 0, 1, 2];

    private static readonly Deed[] RightAccount =
        [Deed.LineFirst, Deed.MessageFirst, Deed.Expunge, Deed.Flag, Deed.Flag];

    [Fact]
    public void AnyStory_ThenQuiet_LedgerIsTheTruth() => Check(Story.Of(Enum.GetValues<Deed>()), story =>
    {
        var stage = new Stage(story, Limit);
        stage.Play(story);
        var wait = story.Operations.Any(operation => operation.Deed is Deed.LineFirstHeldOpen or Deed.DeleteLedger) ? 5000 : 1000;
        stage.Mailbox.Run(Math.Max(0, stage.Disk.LastForeignChange + wait - stage.Disk.Milliseconds));
        return Same(stage, story);
    });

    [Fact]
    public void AnyStory_WithSmallQuota_LedgerIsTheTruth() => Check(Story.Of(Enum.GetValues<Deed>()), story =>
    {
        var stage = new Stage(story, new ConfiguredLimit(new QuotaLimit(3000, 0), Forced: true));
        stage.Play(story);
        stage.Mailbox.Run(5000);
        return Same(stage, story);
    });

    [Fact]
    public void AnyStory_WritesOfTheDaemon_AreSoundAndNeverNegative() => Check(
        Story.Of(Enum.GetValues<Deed>()),
        story =>
        {
            var stage = new Stage(story, Limit);
            stage.Play(story);
            stage.Mailbox.Run(60_000);
            return stage.AllWrites().All(
                write => Parse(write) is { Recalculate: null, Usage: { Bytes: >= 0, Messages: >= 0 } });
        });

    [Fact]
    public void AnyStory_ThenQuiet_FewWrites() => Check(Story.Of(Enum.GetValues<Deed>()), story =>
    {
        var stage = new Stage(story, Limit);
        stage.Play(story);
        var before = stage.Mailbox.Writes.Count;
        stage.Mailbox.Run(3_600_000);
        return stage.Mailbox.Writes.Count - before <= 3;
    });

    [Fact]
    public void RightAccount_ThenQuiet_MailboxIsAtRest() => Check(Story.Of(RightAccount), story =>
    {
        var stage = new Stage(story with { Named = true }, Limit);
        stage.Play(story with { Named = true });
        stage.Mailbox.Run(60_000);
        return stage.Mailbox is { Rests: > 0, Accountant: { MayRest: true, DueAt: long.MaxValue } };
    });

    [Fact]
    public void RightAccount_DaemonWritesNothing() => Check(Story.Of(RightAccount), story =>
    {
        var stage = new Stage(story, Limit);
        stage.Play(story);
        stage.Mailbox.Run(60_000);
        return (stage.Mailbox.Writes.Count == 0).Label(string.Join("; ", stage.Mailbox.Writes));
    });

    [Fact]
    public void RightAccount_WithOverflows_DaemonWritesNothing() => Check(
        Story.Of([.. RightAccount, Deed.Overflow]),
        story =>
        {
            var stage = new Stage(story, Limit);
            stage.Play(story);
            stage.Mailbox.Run(60_000);
            return (stage.Mailbox.Writes.Count == 0).Label(string.Join("; ", stage.Mailbox.Writes));
        });

    [Fact]
    public void UnclearHeader_NeverWritten() => Check(
        Story.Of(Deed.Drop, Deed.LineFirst, Deed.Remove, Deed.Overflow, Deed.Restart),
        story =>
        {
            var stage = new Stage(story, ledger: "1000X\n0 0\n");
            stage.Play(story);
            stage.Mailbox.Accountant.Recalculate(stage.Disk.Now);
            stage.Mailbox.Run(3_600_000);
            return stage.AllWrites().Count == 0;
        });

    [Fact]
    public void NoLedgerAndNoLimit_NeverWritten() => Check(
        Story.Of(Deed.Drop, Deed.Remove, Deed.Overflow, Deed.Restart),
        story =>
        {
            var stage = new Stage(story, ledger: null);
            stage.Play(story);
            stage.Mailbox.Run(3_600_000);
            return stage.AllWrites().Count == 0 && stage.Disk.Ledger is null;
        });

    [Fact]
    public void Observe_NeverWrites() => Check(Story.Of(Enum.GetValues<Deed>()), story =>
    {
        var stage = new Stage(story, Limit, observe: true);
        stage.Play(story);
        stage.Mailbox.Run(3_600_000);
        return stage.AllWrites().Count == 0;
    });

    [Fact]
    public void Index_AnyStory_IsTheNaiveRecount_ForEveryPolicy()
    {
        foreach (var policy in CountingPolicy.All)
        {
            foreach (var (counted, trusted) in new[] { (policy, true), (policy.WithoutTrustedNames(), false) })
            {
                Check(Story.Of(Enum.GetValues<Deed>()), story =>
                {
                    var stage = new Stage(story, Limit, counted);
                    stage.Play(story);
                    stage.Mailbox.Run(5000);
                    var index = stage.Mailbox.Accountant.Index;
                    Usage[] told = [.. Roots.Select(index.TotalOf)];
                    Usage[] truth = [.. Roots.Select(stage.TruthOf)];
                    return told.SequenceEqual(truth).Label(
                        $"{policy.Name} {trusted}: index {string.Join("; ", told)}, truth {string.Join("; ", truth)}");
                });
            }
        }
    }

    /// <summary>Found by chance, once in tens of thousands: of two names of a file one says its size.</summary>
    [Fact]
    public void Index_NameWithSizeOfALinkedFileGoes_TheOtherNameIsCountedAgain()
    {
        var story = new Story(230126, Named: false,
        [
            new(Deed.MessageFirst, 163, 96, 100), new(Deed.LineFirstHeldOpen, 551, 9, Story.NoGap),
            new(Deed.LineFirstAborted, 790, 116, 299), new(Deed.Link, 545, 216, 0), new(Deed.RenameOnto, 0, 247, 299),
            new(Deed.LineFirstAborted, 781, 211, 301), new(Deed.Remove, 317, 213, 0),
        ]);
        var stage = new Stage(story, Limit, CountingPolicy.Exim);
        stage.Play(story);
        stage.Mailbox.Run(5000);
        Assert.Equal(new Usage(1001, 1), stage.Truth);
        Assert.Equal(stage.Truth, stage.Mailbox.Accountant.Index.Total);
    }

    // Messages of one size: three rebuilds overtaken by events may look like another policy's.
    private static bool LooksContested(Stage stage, Story story) =>
        story.Operations.Count(operation => operation.Deed == Deed.Rebuild) >= 3
        && stage.Mailbox.Changes[^1].Action == LedgerAction.Contested;

    private static Property Same(Stage stage, Story story) =>
        (LooksContested(stage, story) || (stage.Told == stage.Truth && stage.Disk.Ledger!.Parsed.Recalculate is null)).Label(
            $"truth {stage.Truth}, index {stage.Mailbox.Accountant.Index.Total}, ledger {stage.Disk.Ledger?.Text}, "
            + $"changes:\n{string.Join("\n", stage.Mailbox.Changes)}");


    private static MaildirSize Parse(DaemonWrite write) =>
        MaildirSizeFormat.Parse(System.Text.Encoding.Latin1.GetBytes(write.Text), write.Text.Length);

    private static void Check(Arbitrary<Story> stories, Func<Story, bool> property) =>
        Prop.ForAll(stories, property).Check(Chance.Of(Runs));

    private static void Check(Arbitrary<Story> stories, Func<Story, Property> property) =>
        Prop.ForAll(stories, property).Check(Chance.Of(Runs));
}
