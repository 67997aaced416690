using System.Diagnostics;
using System.Text;
using MaildirQuotaWatcher.Daemon.Tests.Mailboxes;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Daemon.Tests.Hostile;

/// <summary>Names, links and places made to mislead.</summary>
public class HostileNamesTests : HostileMailboxes
{
    [Theory]
    [InlineData("maildir++")]
    [InlineData("dovecot")]
    [InlineData("exim")]
    public void Watch_SizesBeyondBelief_AreAskedOfTheDisk(string policy)
    {
        var counting = CountingPolicy.Find(policy)!;
        var options = LiveWatch.Counting(counting, Source) with { Limit = new(100000, 0) };
        using var live = new LiveWatch(options, Mailbox, Bystander);

        for (var i = 0; i < 5; i++)
            File.WriteAllText(Path.Combine(Mailbox, "new", $"1.{i},S={long.MaxValue}"), "");
        File.WriteAllText(Path.Combine(Mailbox, "cur", "1.x,S=1234567890123456789012345678901234567890:2,S"), "12345");
        Deliver(Mailbox);

        live.Settle();
        live.WaitUntil(Mailbox, new Usage(15, 7));
        using (var fd = new Descriptor(Files.OpenDirectory(BytePath.FromString(Mailbox), followLinks: false, out _)))
            Assert.Equal(live.Last(Mailbox)!.After, new MailboxCounter(counting, fd.Number, 0).Total());

        Shell("rm \"$1\"/new/*S=9* \"$1\"/cur/*", Mailbox);
        live.WaitUntil(Mailbox, new Usage(10, 1));
        CheckBystander(live);
    }

    [Fact]
    public void Watch_FolderLinkedToTheRootOrToAnotherUser_IsNotCounted()
    {
        Assert.SkipUnless(ProcessIdentity.EffectiveUid == 0, "only root can make another user's mailbox");
        var victim = Path.Combine(Place, "victim");
        LiveWatch.MakeMaildir(victim);
        Deliver(victim);
        Shell("chown -R 65534:65534 \"$1\"", victim);
        foreach (var policy in CountingPolicy.All)
        {
            using var live = new LiveWatch(LiveWatch.Counting(policy, Source), Mailbox, Bystander);
            Shell("ln -sfn / \"$1/.Root\"; ln -sfn ../victim \"$1/.Victim\"; ln -sfn . \"$1/.Self\"", Mailbox);
            Shell("ln -sfn .. \"$1/.Loop\"; ln -sfn .Loop \"$1/.Loop2\"", Mailbox);
            live.Settle();
            live.WaitUntil(Mailbox, Usage.Zero);
            CheckBystander(live);
            Shell("rm \"$1\"/.[A-Z]*", Mailbox);
        }
    }

    [Fact]
    public void Watch_CurBecomesALink_IsNotFollowed()
    {
        var victim = Path.Combine(Place, "victim");
        LiveWatch.MakeMaildir(victim);
        Deliver(victim);
        Deliver(Mailbox);
        using var live = new LiveWatch(Limited, Mailbox, Bystander);

        Shell("mv \"$1/cur\" \"$1/old\"; ln -s ../victim/new \"$1/cur\"", Mailbox);
        Deliver(Mailbox);

        live.Settle();
        live.WaitUntil(Mailbox, new Usage(20, 2));
        CheckBystander(live);
        Shell("rm \"$1/cur\"; mv \"$1/old\" \"$1/cur\"; echo hello > \"$1/cur/x\"", Mailbox);
        live.WaitUntil(Mailbox, new Usage(26, 3));
    }

    [Fact]
    public void Watch_RootSwappedForALinkToAVictim_LeavesTheVictimAlone()
    {
        var victim = Path.Combine(Place, "victim");
        LiveWatch.MakeMaildir(victim);
        File.WriteAllText(Path.Combine(victim, "maildirsize"), "777S\n50 5\n");
        Deliver(victim);
        using var live = new LiveWatch(Limited, Mailbox, Bystander);

        Shell("mv \"$1\" \"$1.old\"; ln -s victim \"$1\"", Mailbox);
        Deliver(victim);
        live.Settle();
        CheckBystander(live);
        live.Settle();

        Assert.Equal("777S\n50 5\n", File.ReadAllText(Path.Combine(victim, "maildirsize")));
        Assert.DoesNotContain(live.Changes(Mailbox), change => change.After.Messages > 0);

        Shell("rm \"$1\"; mv \"$1.old\" \"$1\"", Mailbox);
        Deliver(Mailbox);
        live.WaitUntil(Mailbox, new Usage(10, 1));
    }

    [Fact]
    public void Watch_PlaceAboveSwappedForALinkToAVictim_LeavesTheVictimAlone()
    {
        var home = Path.Combine(Place, "home");
        var mailbox = Path.Combine(home, "Maildir");
        var victim = Path.Combine(Place, "victims", "Maildir");
        LiveWatch.MakeMaildir(mailbox);
        LiveWatch.MakeMaildir(victim);
        File.WriteAllText(Path.Combine(victim, "maildirsize"), "777S\n50 5\n");
        using var live = new LiveWatch(Limited, mailbox, Bystander);

        Shell("mv \"$1\" \"$1.old\"; ln -s victims \"$1\"", home);
        Deliver(victim);
        live.Settle();
        CheckBystander(live);
        live.Settle();

        Assert.Equal("777S\n50 5\n", File.ReadAllText(Path.Combine(victim, "maildirsize")));
        Shell("rm \"$1\"; mv \"$1.old\" \"$1\"", home);
        Deliver(mailbox);
        live.WaitUntil(mailbox, new Usage(10, 1));
    }

    [Fact]
    public void Watch_NamesWithEscapeSequences_NoControlCharacterInTheLog()
    {
        var odd = Path.Combine(Place, "evil\n\u001b[2J\u0007\u009b\u202e");
        LiveWatch.MakeMaildir(odd);
        Shell("""
            mkdir -p "$1"/$'.\xff\n\e[31m'/{new,cur}; echo a > "$1"/$'.\xff\n\e[31m/new/\n\e[32m\xfe'; mkfifo "$1/maildirsize"
            """, odd);
        File.WriteAllText(Ledger, "100000S\n\u001b[31m\n");
        Directory.Delete(Path.Combine(Mailbox, "tmp"));
        using var daemon = new BuiltDaemon("exec", "watch", odd, Mailbox, Bystander, "--limit", "1M");

        daemon.WaitForLine("a FIFO", "rm -r");
        daemon.WaitForLine("attacker", "mkdir");
        CheckBystander();

        Assert.All(daemon.Lines, line =>
        {
            Assert.DoesNotContain(line, c => c < ' ' || c == '\u007f');
            // C1 controls come as two bytes of UTF-8, the right-to-left mark as three.
            Assert.DoesNotContain("\u00c2\u009b", line, StringComparison.Ordinal);
            Assert.DoesNotContain("\u00e2\u0080\u00ae", line, StringComparison.Ordinal);
        });
        Assert.All(daemon.Lines, line => Assert.Matches("^(error: |warning: )?(/|watching )", line));
    }

    [Fact]
    public void Watch_FiveThousandFolders_AreFollowed()
    {
        Shell("""
            cd "$1"; for i in {1..5000}; do echo .f$i/new .f$i/cur; done | xargs mkdir -p
            for i in {1..5000}; do : > .f$i/cur/1,S=1; done
            """, Mailbox);
        using var live = new LiveWatch(Limited, Mailbox, Bystander);
        live.WaitUntil(Mailbox, new Usage(5000, 5000));

        Shell("cd \"$1\"; rm -r .f1*; for i in {2..2000}; do [ -d .f$i ] && : > .f$i/new/2,S=1; done; true", Mailbox);
        var messages = Directory.GetFiles(Mailbox, "*,S=1", SearchOption.AllDirectories).Length;
        live.WaitUntil(Mailbox, new Usage(messages, messages));
        CheckBystander(live);
    }

    [Fact]
    public void Watch_DirectoriesVanishWhileItStarts_IsRightAfterwards()
    {
        for (var round = 0; round < 4; round++)
        {
            using var churn = Process.Start("bash", ["-c", """
                cd "$1"; n=0
                while [ ! -e ../enough ] && [ $SECONDS -lt 60 ]; do
                    n=$((n+1))
                    mkdir -p .c$((n%7))/cur .c$((n%7))/new; : > .c$((n%7))/cur/$n,S=3; : > .c$((n%7))/new/$n
                    (( n % 3 )) || rm -rf .c$((n%5)); (( n % 11 )) || { rm -rf cur; mkdir cur; }
                done; mkdir -p cur
                """, "bash", Mailbox]);
            using var live = new LiveWatch(Limited, awaitFirst: false, Mailbox, Bystander);
            CheckBystander(live);
            File.WriteAllText(Path.Combine(Place, "enough"), "");
            churn.WaitForExit();
            live.Settle();
            live.WaitUntil(Mailbox, Testing.NaiveRecount.Count(Mailbox, CountingPolicy.MaildirPlusPlus));
            File.Delete(Path.Combine(Place, "enough"));
        }
    }
}
