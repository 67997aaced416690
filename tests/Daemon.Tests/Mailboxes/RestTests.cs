using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Testing.Simulation;
using MaildirQuotaWatcher.Watching;
using static MaildirQuotaWatcher.Daemon.Tests.Mailboxes.LiveWatch;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>A mailbox at rest is kept as a few bytes; whatever happens to it then is taken in as ever.</summary>
public class RestTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    /// <summary>What happens to a mailbox at rest, by name.</summary>
    private static readonly Dictionary<string, Action<string>> Deeds = new(MailboxDeeds.Common)
    {
        ["nothing"] = _ => { },
        ["message added"] = mailbox => Write(mailbox, "new/9.new,S=77", 77),
        ["message without a size added"] = mailbox => Write(mailbox, "new/9.new", 77),
        ["message replaced"] = mailbox => File.Move(
            Path.Combine(mailbox, ".Sent/cur/1.sent,S=20:2,S"), Path.Combine(mailbox, "cur/1.sized,S=1000:2,"), true),
        ["directory removed"] = mailbox => Directory.Delete(Path.Combine(mailbox, ".Sent/new"), recursive: true),
        ["line of another program"] = mailbox =>
            File.AppendAllText(Path.Combine(mailbox, "maildirsize"), "5 1\n"),
        ["ledger replaced"] = mailbox =>
        {
            File.WriteAllText(Path.Combine(mailbox, "tmp/x"), "1000000S\n7 7\n");
            File.Move(Path.Combine(mailbox, "tmp/x"), Path.Combine(mailbox, "maildirsize"), overwrite: true);
        },
    };

    internal virtual SourceChoice Source => SourceChoice.Inotify;

    public void Dispose()
    {
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Rest_WhateverHappensThen_IsTheTruth_AndThereIsRestAgain()
    {
        var mailboxes = Deeds.Keys.Select(Make).ToArray();
        using var live = new LiveWatch(LiveWatch.Counting(CountingPolicy.MaildirPlusPlus, Source), mailboxes);
        AwaitRest(live, mailboxes.Length);

        foreach (var (deed, mailbox) in Deeds.Values.Zip(mailboxes))
            deed(mailbox);
        foreach (var mailbox in mailboxes)
            live.WaitUntil(mailbox, TruthOf(mailbox));
        // Those with a message without a size, and with a folder that is not whole, stay at work.
        AwaitRest(live, mailboxes.Length - 2);

        foreach (var mailbox in mailboxes)
            foreach (var file in Directory.GetFiles(Path.Combine(mailbox, "cur")))
                File.Delete(file);
        foreach (var mailbox in mailboxes)
            live.WaitUntil(mailbox, TruthOf(mailbox));
    }

    [Fact]
    public void Rest_NothingHappens_NothingIsReportedOrCounted()
    {
        var mailbox = Make("mailbox");
        using var live = new LiveWatch(LiveWatch.Counting(CountingPolicy.MaildirPlusPlus, Source), mailbox);
        AwaitRest(live, 1);
        var told = live.Changes(mailbox).Count;

        // Woken by an event that means nothing, and by a question.
        Write(mailbox, ".Sent/new/.hidden", 5);
        live.Watch.Repeat(live);
        LiveWatch.WaitFor(() => live.Changes(mailbox).Count > told, () => "nobody answered");

        Assert.Equal(TruthOf(mailbox), live.Last(mailbox)!.After);
        AwaitRest(live, 1);
        Assert.Equal(told + 1, live.Changes(mailbox).Count);
    }

    [Fact]
    public void Rest_OtherRules_HoldAtOnce()
    {
        var mailbox = Make("mailbox");
        var rules = new MailboxRules(CountingPolicy.MaildirPlusPlus, null);
        var options = LiveWatch.Counting(CountingPolicy.MaildirPlusPlus, Source) with { RulesOf = _ => rules };
        using var live = new LiveWatch(options, mailbox);
        AwaitRest(live, 1);

        rules = new MailboxRules(new FolderTable((".Sent", -1)), null);
        live.Watch.RulesChanged(null);
        live.WaitUntil(mailbox, new Usage(1000, 1));
        AwaitRest(live, 1);

        Write(mailbox, ".Sent/new/5.ignored,S=8", 8);
        Write(mailbox, "new/5.counted,S=9", 9);
        live.WaitUntil(mailbox, new Usage(1009, 2));
    }

    /// <summary>With the mailbox that is the fence.</summary>
    private static void AwaitRest(LiveWatch live, int mailboxes) => LiveWatch.WaitFor(
        () => live.Watch.AtRest >= mailboxes + 1, () => $"{live.Watch.AtRest} of {mailboxes} + 1 mailboxes are at rest");

    private string Make(string name)
    {
        var mailbox = Path.Combine(_scratch.FullName, name, "Maildir");
        LiveWatch.MakeMaildir(mailbox);
        LiveWatch.MakeMaildir(Path.Combine(mailbox, ".Sent"));
        File.WriteAllText(Path.Combine(mailbox, "maildirsize"), "1000000S\n0 0\n");
        Write(mailbox, "cur/1.sized,S=1000:2,", 1000);
        Write(mailbox, ".Sent/cur/1.sent,S=20:2,S", 20);
        return mailbox;
    }
}

public sealed class RestFanotifyTests : RestTests
{
    internal override SourceChoice Source => WatchedByFanotify.Choice;
}
