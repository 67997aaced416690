using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.State;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Testing.Simulation;
using Serilog.Core;
using static MaildirQuotaWatcher.Daemon.Tests.Mailboxes.LiveWatch;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>A restart believes what it knew of directories that have not changed, and nothing else.</summary>
public sealed class RestartTests : IDisposable
{
    private static readonly MailWatchOptions Options = LiveWatch.Counting(CountingPolicy.MaildirPlusPlus);

    private readonly ScratchDirectory _scratch = new();

    /// <summary>What happens to a mailbox while nobody watches, by name.</summary>
    private static readonly Dictionary<string, Action<string>> Deeds = new(MailboxDeeds.Common)
    {
        ["nothing"] = _ => { },
        ["message added"] = mailbox => Write(mailbox, "cur/9.new,S=77:2,", 77),
        ["message replaced"] = mailbox =>
        {
            Write(mailbox, "tmp/x", 5);
            File.Move(Path.Combine(mailbox, "tmp/x"), Path.Combine(mailbox, "cur/2.unsized:2,"), overwrite: true);
        },
        ["directory swapped"] = mailbox =>
        {
            Directory.Move(Path.Combine(mailbox, "cur"), Path.Combine(mailbox, "tmp/cur"));
            Directory.Move(Path.Combine(mailbox, ".Sent/cur"), Path.Combine(mailbox, "cur"));
            Directory.Move(Path.Combine(mailbox, "tmp/cur"), Path.Combine(mailbox, ".Sent/cur"));
        },
        ["time set back"] = mailbox =>
        {
            var cur = Path.Combine(mailbox, "cur");
            var before = Directory.GetLastWriteTimeUtc(cur);
            Write(mailbox, "cur/4.late,S=5:2,", 5);
            Directory.SetLastWriteTimeUtc(cur, before);
        },
    };

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Restart_WhateverHappenedMeanwhile_IsRight_AndUnchangedDirectoriesAreNotCounted()
    {
        var mailboxes = Deeds.Keys.Select(deed => Make(deed)).ToArray();
        AwaitAge();
        using var totals = TotalsStore.Open(Path.Combine(_scratch.FullName, "state"), Logger.None);
        using (var first = new LiveWatch(Options with { Totals = totals }, mailboxes))
        {
            Assert.Equal(0, first.Watch.Recalled);
            foreach (var mailbox in mailboxes)
                LiveWatch.WaitFor(() => IsSaved(totals, mailbox), () => $"{mailbox} was not saved");
        }

        foreach (var (deed, mailbox) in Deeds.Values.Zip(mailboxes))
            deed(mailbox);
        var untouched = mailboxes.Sum(Unchanged);

        using var second = new LiveWatch(Options with { Totals = totals }, mailboxes);
        foreach (var mailbox in mailboxes)
            second.WaitUntil(mailbox, TruthOf(mailbox));
        Assert.InRange(second.Watch.Recalled, untouched, untouched + 2); // and those of the fence mailbox, at most

        // What was recalled follows as what was counted does, messages without a size included.
        foreach (var mailbox in mailboxes)
            foreach (var file in Directory.GetFiles(Path.Combine(mailbox, "cur")))
                File.Delete(file);
        foreach (var mailbox in mailboxes)
            second.WaitUntil(mailbox, TruthOf(mailbox));
    }

    [Fact]
    public void Restart_ByAnotherPolicy_CountsEverything()
    {
        var mailbox = Make("mailbox");
        AwaitAge();
        using var totals = TotalsStore.Open(Path.Combine(_scratch.FullName, "state"), Logger.None);
        using (new LiveWatch(Options with { Totals = totals }, mailbox))
            LiveWatch.WaitFor(() => IsSaved(totals, mailbox), () => "was not saved");

        var dovecot = LiveWatch.Counting(CountingPolicy.Dovecot) with { Totals = totals };
        using var watch = new LiveWatch(dovecot, mailbox);
        Assert.Equal(0, watch.Watch.Recalled);
    }

    [Fact]
    public void Restart_ByOtherFolderRules_RemembersEverythingAndCountsByThem()
    {
        var mailbox = Make("mailbox");
        AwaitAge();
        using var totals = TotalsStore.Open(Path.Combine(_scratch.FullName, "state"), Logger.None);
        using (new LiveWatch(Options with { Totals = totals }, mailbox))
            LiveWatch.WaitFor(() => IsSaved(totals, mailbox), () => "was not saved");

        var sentIgnored = new MailboxRules(new FolderTable((".Sent", -1)), null);
        using var watch = new LiveWatch(Options with { Totals = totals, RulesOf = _ => sentIgnored }, mailbox);
        watch.WaitUntil(mailbox, new Usage(1300, 2));
        Assert.InRange(watch.Watch.Recalled, 4, 6); // and those of the fence mailbox, at most
    }

    [Fact]
    public void Restart_UnsizedMessageRewrittenMeanwhile_IsSeenBeforeTheLedgerIsReplaced()
    {
        var mailbox = Make("mailbox");
        AwaitAge();
        using var totals = TotalsStore.Open(Path.Combine(_scratch.FullName, "state"), Logger.None);
        using (new LiveWatch(Options with { Totals = totals }, mailbox))
            LiveWatch.WaitFor(() => IsSaved(totals, mailbox), () => "was not saved");
        Write(mailbox, "cur/2.unsized:2,", 3000);
        File.WriteAllText(Path.Combine(mailbox, "maildirsize"), "1000000S\nnonsense\n");

        using var again = new LiveWatch(Options with { Totals = totals }, mailbox);
        again.WaitUntil(mailbox, TruthOf(mailbox));
    }

    [Fact]
    public void Restart_UnsizedMessageRewrittenJustBefore_HasTheSizeThatWasKnown()
    {
        var mailbox = Make("mailbox");
        AwaitAge();
        using var totals = TotalsStore.Open(Path.Combine(_scratch.FullName, "state"), Logger.None);
        using (var watch = new LiveWatch(Options with { Totals = totals }, mailbox))
        {
            LiveWatch.WaitFor(() => IsSaved(totals, mailbox), () => "was not saved");
            Write(mailbox, "cur/2.unsized:2,", 3000);
            watch.WaitUntil(mailbox, TruthOf(mailbox));
        }

        using var again = new LiveWatch(Options with { Totals = totals }, mailbox);
        LiveWatch.WaitFor(() => again.Watch.Recalled > 0, () => "nothing was recalled");
        File.WriteAllText(Path.Combine(mailbox, "maildirsize"), "1000000S\n0 0\n");
        again.WaitUntil(mailbox, TruthOf(mailbox));
    }

    [Fact]
    public void Gone_WithUnsizedMessages_IsForgotten()
    {
        var mailbox = Make("mailbox");
        AwaitAge();
        using var totals = TotalsStore.Open(Path.Combine(_scratch.FullName, "state"), Logger.None);
        using (new LiveWatch(Options with { Totals = totals }, mailbox))
        {
            LiveWatch.WaitFor(() => IsSaved(totals, mailbox), () => "was not saved");
            Write(mailbox, "cur/2.unsized:2,", 3000);
            Directory.Move(mailbox, mailbox + "2");
            LiveWatch.WaitFor(() => !IsSaved(totals, mailbox + "2"), () => "was not forgotten");
        }

        using var again = new LiveWatch(Options with { Totals = totals }, mailbox + "2");
        again.WaitUntil(mailbox + "2", TruthOf(mailbox + "2"));
    }

    [Fact]
    public void Restart_UnsizedMessageWrittenBeforeAndAfterIt_IsCountedWhole()
    {
        var mailbox = Make("mailbox");
        using var totals = TotalsStore.Open(Path.Combine(_scratch.FullName, "state"), Logger.None);
        FileStream growing;
        using (var watch = new LiveWatch(Options with { Totals = totals }, mailbox))
        {
            growing = File.Create(Path.Combine(mailbox, "new/5.growing"));
            watch.WaitUntil(mailbox, TruthOf(mailbox));
            LiveWatch.WaitFor(() => IsSaved(totals, mailbox, directories: 3), () => "not all but new are saved");
        }

        using (growing)
            growing.Write(new byte[5000]);
        using var again = new LiveWatch(Options with { Totals = totals }, mailbox);
        again.WaitUntil(mailbox, TruthOf(mailbox));
    }

    [Fact]
    public void Restart_DirectoryChangedJustBefore_IsNotRemembered()
    {
        var mailbox = Make("mailbox");
        AwaitAge();
        using var totals = TotalsStore.Open(Path.Combine(_scratch.FullName, "state"), Logger.None);
        using (var watch = new LiveWatch(Options with { Totals = totals }, mailbox))
        {
            LiveWatch.WaitFor(() => IsSaved(totals, mailbox), () => "was not saved");
            Write(mailbox, "cur/5.last,S=9:2,", 9);
            watch.WaitUntil(mailbox, TruthOf(mailbox));
        }

        using var again = new LiveWatch(Options with { Totals = totals }, mailbox);
        again.WaitUntil(mailbox, TruthOf(mailbox));
        Assert.Equal(3, again.Watch.Recalled); // all but the cur that changed
    }

    /// <summary>Younger directories are not remembered at once.</summary>
    private void AwaitAge() => LiveWatch.WaitFor(
        () => Directory.GetDirectories(_scratch.FullName, "*", SearchOption.AllDirectories).All(path =>
            Files.Stat(BytePath.FromString(path), false, out var status, out _)
            && DateTimeOffset.UtcNow.ToUnixTimeSeconds() - status.ChangedSeconds >= 3),
        () => "directories do not grow older");

    private static bool IsSaved(TotalsStore totals, string mailbox, int directories = 4)
    {
        var directory = MailboxDirectory.Find(BytePath.FromString(mailbox), followLinks: false, out _)!;
        return totals.Load(directory.Device, directory.Inode) is { } bytes
            && SavedMailbox.TryRead(totals.NameKey, bytes, out var saved) && Count(saved) == directories;

        static int Count(SavedMailbox saved)
        {
            var count = 0;
            var saves = saved.Directories;
            while (saves.TryNext(out _))
                count++;
            return count;
        }
    }

    /// <summary>Message directories that have not changed since before the deeds.</summary>
    private static int Unchanged(string mailbox) => Directory
        .GetDirectories(mailbox, "*", SearchOption.AllDirectories)
        .Where(path => Path.GetFileName(path) is "new" or "cur")
        .Count(path => Files.Stat(BytePath.FromString(path), false, out var status, out _)
            && DateTimeOffset.UtcNow.ToUnixTimeSeconds() - status.ChangedSeconds >= 3);

    private string Make(string name)
    {
        var mailbox = Path.Combine(_scratch.FullName, name, "Maildir");
        LiveWatch.MakeMaildir(mailbox);
        LiveWatch.MakeMaildir(Path.Combine(mailbox, ".Sent"));
        File.WriteAllText(Path.Combine(mailbox, "maildirsize"), "1000000S\n0 0\n");
        Write(mailbox, "cur/1.sized,S=1000:2,", 1000);
        Write(mailbox, "cur/2.unsized:2,", 300);
        Write(mailbox, ".Sent/cur/1.sent,S=20:2,S", 20);
        Write(mailbox, ".Sent/new/2.sent", 4);
        return mailbox;
    }
}
