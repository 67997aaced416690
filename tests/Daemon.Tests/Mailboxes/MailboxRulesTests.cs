using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Cli;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Testing.Simulation;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>An administrator's limits and folder rules, given to mailboxes that are being followed.</summary>
public sealed class MailboxRulesTests : IDisposable
{
    private static readonly MailboxRules NoRules = new(CountingPolicy.Dovecot, null);
    private static readonly MailboxRules JunkIgnored = new(new FolderTable((".Junk", -1)), null);
    private static readonly MailboxRules Archived = new(new FolderTable((".Archive", 1), (".Public", 2)), null);

    private readonly ScratchDirectory _scratch = new();
    private Func<string, MailboxRules> _rulesOf = _ => NoRules;

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<string> Policies => [.. CountingPolicy.All.Select(policy => policy.Name)];

    [Theory]
    [MemberData(nameof(Policies))]
    public void SetRules_FolderIgnored_LeavesTheLedgerRight_AndComesBack(string policy)
    {
        var mailbox = Make("one");
        Write(mailbox, ".Junk/cur/1.junk,S=30:2,");
        var counting = CountingPolicy.Find(policy)!;
        _rulesOf = _ => new MailboxRules(counting, null);
        using var live = new LiveWatch(Ruled(counting), mailbox);
        live.WaitUntil(mailbox, new Usage(130, 2));

        Set(live, _ => JunkIgnored);
        live.WaitUntil(mailbox, new Usage(100, 1));
        Assert.Contains(live.Changes(mailbox), change => change.Reason == RecalcReason.RulesChanged);

        // Both folders are still followed, and so is one that comes with that name.
        Write(mailbox, ".Junk/new/2.junk,S=7");
        Write(mailbox, "new/3.one,S=5");
        live.WaitUntil(mailbox, new Usage(105, 2));
        Directory.Delete(Path.Combine(mailbox, ".Junk"), recursive: true);
        LiveWatch.MakeMaildir(Path.Combine(mailbox, ".Junk"));
        Write(mailbox, ".Junk/new/4.junk,S=9");
        Write(mailbox, "new/5.one,S=1");
        live.WaitUntil(mailbox, new Usage(106, 3));

        Set(live, _ => NoRules);
        live.WaitUntil(mailbox, new Usage(115, 4));
        Write(mailbox, ".Junk/new/6.junk,S=2");
        live.WaitUntil(mailbox, new Usage(117, 5));
    }

    [Fact]
    public void SetRules_FolderOfAnotherRoot_ItsUsageIsReported()
    {
        var mailbox = Make("one");
        using var live = new LiveWatch(Ruled(CountingPolicy.Dovecot), mailbox);
        live.WaitUntil(mailbox, new Usage(100, 1));
        Assert.Null(live.Last(mailbox)!.OtherRoots);

        Set(live, _ => Archived);
        LiveWatch.MakeMaildir(Path.Combine(mailbox, ".Archive"));
        Write(mailbox, ".Archive/cur/1.old,S=3000:2,");
        LiveWatch.WaitFor(
            () => live.Last(mailbox)!.OtherRoots is [{ Bytes: 3000, Messages: 1 }],
            () => $"the archive's usage is not reported: {live.Last(mailbox)}");
        live.WaitUntil(mailbox, new Usage(100, 1));

        LiveWatch.MakeMaildir(Path.Combine(mailbox, ".Public"));
        Write(mailbox, ".Public/cur/1.all,S=50:2,");
        LiveWatch.WaitFor(
            () => live.Last(mailbox)!.OtherRoots is [{ Bytes: 3000 }, { Bytes: 50 }],
            () => $"the public folder's usage is not reported: {live.Last(mailbox)}");
        live.WaitUntil(mailbox, new Usage(100, 1));
        Assert.Equal(["1000000S", "0 0", "100 1"], File.ReadAllLines(Path.Combine(mailbox, "maildirsize")));
    }

    [Fact]
    public void SetRules_Limits_HeaderFollowsWhereItIsForced()
    {
        var (kept, forced, made) = (Make("kept"), Make("forced"), Make("made"));
        File.Delete(Path.Combine(made, "maildirsize"));
        using var live = new LiveWatch(Ruled(CountingPolicy.Dovecot));
        Explore(live, (kept, "kept"), (forced, "forced"), (made, "made"));
        Set(live, new Dictionary<string, MailboxRules>
        {
            ["kept"] = Limited(5000, forced: false),
            ["forced"] = Limited(5000, forced: true),
            ["made"] = Limited(5000, forced: false),
        });

        WaitForHeader(live, forced, "5000S");
        WaitForHeader(live, made, "5000S");
        Assert.Equal("1000000S", Header(kept));
        Assert.Equal(new QuotaLimit(1_000_000, 0), live.Last(kept)!.Limit);

        Set(live, new Dictionary<string, MailboxRules> { ["forced"] = Limited(0, forced: true) });
        WaitForHeader(live, forced, "0S");
        Assert.Equal("5000S", Header(made));
    }

    [Fact]
    public void SetRules_OfSomeUsers_AllTheirMailboxesAndNoOthers()
    {
        var mailboxes = Enumerable.Range(0, 6).Select(number => Make($"{number}")).ToArray();
        using var live = new LiveWatch(Ruled(CountingPolicy.Dovecot));
        Explore(live, [.. mailboxes.Select((mailbox, number) => (mailbox, $"user{number % 3}"))]);
        Set(live, new Dictionary<string, MailboxRules>
        {
            ["user0"] = Limited(5000, forced: true),
            ["user2"] = Limited(7000, forced: true),
            ["nobody"] = Limited(1, forced: true),
        });

        foreach (var (mailbox, header) in mailboxes.Zip(["5000S", "1000000S", "7000S", "5000S", "1000000S", "7000S"]))
            WaitForHeader(live, mailbox, header);
    }

    [Fact]
    public void RulesOf_MailboxFoundLater_HasTheRulesNowInForce()
    {
        var (first, later) = (Make("first"), Make("later"));
        _rulesOf = _ => Limited(5000, forced: true);
        using var live = new LiveWatch(Ruled(CountingPolicy.Dovecot));
        Explore(live, (first, "one"));
        WaitForHeader(live, first, "5000S");

        Set(live, user => Limited(user == "two" ? 7000 : 6000, forced: true));
        Explore(live, (first, "one"), (later, "two"));
        WaitForHeader(live, later, "7000S");
        WaitForHeader(live, first, "6000S");
    }

    [Fact]
    public void SetRules_ThatChangeNothing_WriteAndReportNothing()
    {
        var mailbox = Make("one");
        using var live = new LiveWatch(Ruled(CountingPolicy.Dovecot), mailbox);
        live.WaitUntil(mailbox, new Usage(100, 1));
        live.Settle();
        var (changes, written) = (live.Changes(mailbox).Count, LastWrite(mailbox));

        Set(live, _ => NoRules);
        Set(live, _ => new MailboxRules(new FolderTable((".NotThere", -1)), null));
        live.Settle();

        Assert.Equal((changes, written), (live.Changes(mailbox).Count, LastWrite(mailbox)));
    }

    private MailWatchOptions Ruled(CountingPolicy policy) =>
        LiveWatch.Counting(policy) with { RulesOf = user => _rulesOf(user) };

    private void Set(LiveWatch live, Func<string, MailboxRules> rulesOf)
    {
        _rulesOf = rulesOf;
        live.Watch.RulesChanged(null);
    }

    private void Set(LiveWatch live, Dictionary<string, MailboxRules> byUser)
    {
        var before = _rulesOf;
        _rulesOf = user => byUser.GetValueOrDefault(user) ?? before(user);
        live.Watch.RulesChanged(byUser.Keys.ToHashSet());
    }

    private static MailboxRules Limited(long bytes, bool forced) =>
        new(CountingPolicy.Dovecot, new ConfiguredLimit(new QuotaLimit(bytes, 0), forced));

    private static void Explore(LiveWatch live, params (string Mailbox, string User)[] mailboxes)
    {
        var locations = mailboxes.Select(entry => Locations.OfMailbox(entry.Mailbox) with
        {
            UserOf = (_, _) => entry.User,
        });
        live.Watch.Explore([.. locations]).Wait();
        foreach (var (mailbox, _) in mailboxes)
            live.WaitUntil(mailbox, new Usage(100, 1));
    }

    private static void WaitForHeader(LiveWatch live, string mailbox, string header)
    {
        LiveWatch.WaitFor(
            () => Header(mailbox) == header, () => $"{mailbox}: not {header} but {LiveWatch.LedgerText(mailbox)}");
        live.WaitUntil(mailbox, new Usage(100, 1));
    }

    private static string? Header(string mailbox)
    {
        var path = Path.Combine(mailbox, "maildirsize");
        return File.Exists(path) ? File.ReadLines(path).FirstOrDefault() : null;
    }

    private static DateTime LastWrite(string mailbox) =>
        File.GetLastWriteTimeUtc(Path.Combine(mailbox, "maildirsize"));

    private static void Write(string mailbox, string name) => File.WriteAllText(Path.Combine(mailbox, name), "");

    private string Make(string name)
    {
        var mailbox = Path.Combine(_scratch.FullName, name, "Maildir");
        LiveWatch.MakeMaildir(mailbox);
        LiveWatch.MakeMaildir(Path.Combine(mailbox, ".Junk"));
        File.WriteAllText(Path.Combine(mailbox, "maildirsize"), "1000000S\n0 0\n");
        Write(mailbox, "cur/1.one,S=100:2,");
        return mailbox;
    }
}
