using MaildirQuotaWatcher.Daemon.Tests.Mailboxes;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Daemon.Tests.Hostile;

/// <summary>Something else where <c>maildirsize</c> should be: refused by name, nothing written through it.</summary>
public class LedgerInTheWayTests : HostileMailboxes
{
    [Theory]
    [InlineData("ln -s \"$2/victim\" \"$1\"", "a symbolic link")]
    [InlineData("ln -s ../bystander/maildirsize \"$1\"", "a symbolic link")]
    [InlineData("mkfifo \"$1\"", "a FIFO")]
    [InlineData("mkdir \"$1\"; touch \"$1/x\"", "a directory")]
    [InlineData("ln \"$2/victim\" \"$1\"", "2 hard links")]
    [InlineData("ln \"$2/bystander/maildirsize\" \"$1\"", "2 hard links")]
    public void Watch_NoPlainFile_IsRefusedWithTheCureAndRightWhenItIsGone(string command, string what)
    {
        var victim = Path.Combine(Place, "victim");
        File.WriteAllText(victim, "100000S\n50 5\n");
        using var live = new LiveWatch(Limited, Mailbox, Bystander);
        var hardLinked = what.Contains("hard", StringComparison.Ordinal);

        // Again and again until it is done before the daemon makes a new one.
        Shell($"until rm -rf \"$1\" && {{ {command.Replace("; ", " && ", StringComparison.Ordinal)}; }}; do :; done",
            Ledger, Place);
        Deliver(Mailbox);

        live.WaitForProblem(Mailbox, what, $"rm -r {Ledger}");
        if (!hardLinked)
            CheckBystander(live);
        Assert.Equal("100000S\n50 5\n", File.ReadAllText(victim));

        Shell("rm -r \"$1\"", Ledger);
        live.WaitUntil(Mailbox, new Usage(10, 1));
        CheckBystander(live);
        Assert.Equal("100000S\n50 5\n", File.ReadAllText(victim));
    }

    [Fact]
    public void Watch_TheOtherHardLinkGoes_IsRightAgain()
    {
        var other = Path.Combine(Place, "other");
        Shell("ln \"$1\" \"$2\"", Ledger, other);
        using var live = new LiveWatch(Limited, Mailbox, Bystander);
        Deliver(Mailbox);
        live.WaitForProblem(Mailbox, "2 hard links");

        File.Delete(other);

        live.WaitUntil(Mailbox, new Usage(10, 1));
    }

    [Fact]
    public void Watch_TenGigabytesOfNothing_IsReplaced()
    {
        using var live = new LiveWatch(Limited, Mailbox, Bystander);

        using (live.Hold())
        {
            using (var file = File.OpenWrite(Ledger))
                file.SetLength(10L << 30);
            Deliver(Mailbox);
        }

        live.WaitUntil(Mailbox, new Usage(10, 1));
        Assert.Equal("100000S\\n10 1\\n", LiveWatch.LedgerText(Mailbox));
        CheckBystander(live);
    }

    [Fact]
    public void Watch_NoTmp_SaysHowToMakeIt()
    {
        Directory.Delete(Path.Combine(Mailbox, "tmp"));
        File.WriteAllText(Ledger, "100000S\njunk\n");
        using var live = new LiveWatch(Limited, Mailbox, Bystander);

        live.WaitForProblem(Mailbox, "ENOENT", $"mkdir {Mailbox}/tmp");
        CheckBystander(live);

        Directory.CreateDirectory(Path.Combine(Mailbox, "tmp"));
        live.WaitUntil(Mailbox, Usage.Zero);
    }

    [Fact]
    public void Watch_ManyReplacements_NeverMissingEmptyOrPartlyWritten()
    {
        File.WriteAllText(Ledger, "15S\n0 0\n");
        using var stop = new CancellationTokenSource();
        var (samples, wrong) = (0, "");
        using var live = new LiveWatch(Limited with { Limit = new(15, 0) }, Mailbox, Bystander);
        var sampler = new Thread(() =>
        {
            for (; !stop.IsCancellationRequested; samples++)
            {
                var text = File.Exists(Ledger) ? File.ReadAllText(Ledger) : "missing";
                if (!text.StartsWith("15S\n", StringComparison.Ordinal) || !text.EndsWith('\n') || text.Length < 8)
                    wrong = $"[{text}]";
            }
        }) { IsBackground = true };
        sampler.Start();

        for (var count = 1; count <= 25; count++)
        {
            Deliver(Mailbox);
            live.WaitUntil(Mailbox, new Usage(10 * count, count));
        }

        LiveWatch.WaitFor(() => Volatile.Read(ref samples) > 100, () => "nobody looks");
        stop.Cancel();
        sampler.Join();
        Assert.Equal("", wrong);
        Assert.True(live.Changes(Mailbox).Count(change => change.Action == LedgerAction.Replaced) > 15);
    }
}
