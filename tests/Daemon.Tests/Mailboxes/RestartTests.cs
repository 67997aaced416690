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
    private readonly ScratchDirectory _scratch = new();
    private readonly TotalsStore _totals;
    private readonly MailWatchOptions _options;

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

    public RestartTests()
    {
        _totals = TotalsStore.Open(Path.Combine(_scratch.FullName, "state"), Logger.None);
        _options = LiveWatch.Counting(CountingPolicy.MaildirPlusPlus) with { Totals = _totals };
    }

    public void Dispose()
    {
        _totals.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void Restart_WhateverHappenedMeanwhile_IsRight_AndUnchangedDirectoriesAreNotCounted()
    {
        var mailboxes = Deeds.Keys.Select(Make).ToArray();
        AwaitAge();
        using (var first = new LiveWatch(_options, mailboxes))
        {
            Assert.Equal(0, first.Watch.Recalled);
            foreach (var mailbox in mailboxes)
                AwaitSaved(mailbox);
        }

        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        foreach (var (deed, mailbox) in Deeds.Values.Zip(mailboxes))
            deed(mailbox);
        var untouched = mailboxes.Sum(mailbox => Unchanged(mailbox, before));

        using var second = new LiveWatch(_options, mailboxes);
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
        var mailbox = MakeOld();
        Remember(mailbox);

        var dovecot = LiveWatch.Counting(CountingPolicy.Dovecot) with { Totals = _totals };
        using var watch = new LiveWatch(dovecot, mailbox);
        Assert.Equal(0, watch.Watch.Recalled);
    }

    [Fact]
    public void Restart_ByOtherFolderRules_RemembersEverythingAndCountsByThem()
    {
        var mailbox = MakeOld();
        Remember(mailbox);

        var sentIgnored = new MailboxRules(new FolderTable((".Sent", -1)), null);
        using var watch = new LiveWatch(_options with { RulesOf = _ => sentIgnored }, mailbox);
        watch.WaitUntil(mailbox, new Usage(1300, 2));
        Assert.InRange(watch.Watch.Recalled, 4, 6); // and those of the fence mailbox, at most
    }

    [Fact]
    public void Restart_UnsizedMessageRewrittenMeanwhile_IsSeenBeforeTheLedgerIsReplaced()
    {
        var mailbox = MakeOld();
        Remember(mailbox);
        Write(mailbox, "cur/2.unsized:2,", 3000);
        File.WriteAllText(Path.Combine(mailbox, "maildirsize"), "1000000S\nnonsense\n");

        using var again = new LiveWatch(_options, mailbox);
        again.WaitUntil(mailbox, TruthOf(mailbox));
    }

    [Fact]
    public void Restart_UnsizedMessageRewrittenJustBefore_HasTheSizeThatWasKnown()
    {
        var mailbox = MakeOld();
        using (var watch = new LiveWatch(_options, mailbox))
        {
            AwaitSaved(mailbox);
            Write(mailbox, "cur/2.unsized:2,", 3000);
            watch.WaitUntil(mailbox, TruthOf(mailbox));
        }

        using var again = new LiveWatch(_options, mailbox);
        LiveWatch.WaitFor(() => again.Watch.Recalled > 0, () => "nothing was recalled");
        File.WriteAllText(Path.Combine(mailbox, "maildirsize"), "1000000S\n0 0\n");
        again.WaitUntil(mailbox, TruthOf(mailbox));
    }

    [Fact]
    public void Gone_WithUnsizedMessages_IsForgotten()
    {
        var mailbox = MakeOld();
        using (new LiveWatch(_options, mailbox))
        {
            AwaitSaved(mailbox);
            Write(mailbox, "cur/2.unsized:2,", 3000);
            Directory.Move(mailbox, mailbox + "2");
            LiveWatch.WaitFor(() => !IsSaved(mailbox + "2"), () => "was not forgotten");
        }

        using var again = new LiveWatch(_options, mailbox + "2");
        again.WaitUntil(mailbox + "2", TruthOf(mailbox + "2"));
    }

    [Fact]
    public void Restart_UnsizedMessageWrittenBeforeAndAfterIt_IsCountedWhole()
    {
        var mailbox = Make("mailbox");
        FileStream growing;
        using (var watch = new LiveWatch(_options, mailbox))
        {
            growing = File.Create(Path.Combine(mailbox, "new/5.growing"));
            watch.WaitUntil(mailbox, TruthOf(mailbox));
            LiveWatch.WaitFor(() => IsSaved(mailbox, directories: 3), () => "not all but new are saved");
        }

        using (growing)
            growing.Write(new byte[5000]);
        using var again = new LiveWatch(_options, mailbox);
        again.WaitUntil(mailbox, TruthOf(mailbox));
    }

    [Fact]
    public void Restart_DirectoryChangedJustBefore_IsNotRemembered()
    {
        var mailbox = MakeOld();
        using (var watch = new LiveWatch(_options, mailbox))
        {
            AwaitSaved(mailbox);
            Write(mailbox, "cur/5.last,S=9:2,", 9);
            watch.WaitUntil(mailbox, TruthOf(mailbox));
        }

        using var again = new LiveWatch(_options, mailbox);
        again.WaitUntil(mailbox, TruthOf(mailbox));
        Assert.Equal(3, again.Watch.Recalled); // all but the cur that changed
    }

    /// <summary>One run that has remembered all of it.</summary>
    private void Remember(string mailbox)
    {
        using var watch = new LiveWatch(_options, mailbox);
        AwaitSaved(mailbox);
    }

    private void AwaitSaved(string mailbox) =>
        LiveWatch.WaitFor(() => IsSaved(mailbox), () => $"{mailbox} was not saved");

    private bool IsSaved(string mailbox, int directories = 4)
    {
        var directory = MailboxDirectory.Find(BytePath.FromString(mailbox), followLinks: false, out _)!;
        return _totals.Load(directory.Device, directory.Inode) is { } bytes
            && SavedMailbox.TryRead(_totals.NameKey, bytes, out var saved) && Count(saved) == directories;

        static int Count(SavedMailbox saved)
        {
            var count = 0;
            var saves = saved.Directories;
            while (saves.TryNext(out _))
                count++;
            return count;
        }
    }

    /// <summary>Message directories that have not changed since then.</summary>
    private static int Unchanged(string mailbox, long unixSeconds) => Directory
        .GetDirectories(mailbox, "*", SearchOption.AllDirectories)
        .Where(path => Path.GetFileName(path) is "new" or "cur")
        .Count(path => ChangedSeconds(path) < unixSeconds - 1);

    private static long ChangedSeconds(string path)
    {
        Assert.True(Files.Stat(BytePath.FromString(path), false, out var status, out _));
        return status.ChangedSeconds;
    }

    private string MakeOld()
    {
        var mailbox = Make("mailbox");
        AwaitAge();
        return mailbox;
    }

    /// <summary>Younger directories are not remembered at once.</summary>
    private void AwaitAge() => LiveWatch.WaitFor(
        () => Directory.GetDirectories(Place, "*", SearchOption.AllDirectories)
            .All(path => DateTimeOffset.UtcNow.ToUnixTimeSeconds() - ChangedSeconds(path) >= 3),
        () => "directories do not grow older");

    private string Place => Path.Combine(_scratch.FullName, "mail");

    private string Make(string name)
    {
        var mailbox = Path.Combine(Place, name, "Maildir");
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
