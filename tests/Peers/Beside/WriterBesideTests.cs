using MaildirQuotaWatcher.Peers.Running;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>Each writer alone beside the daemon, then all at once: in the end the ledger is right.</summary>
public sealed class WriterBesideTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. Writers.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Writer_Alone_LedgerIsRight(string name)
    {
        using var mailbox = Writers.Mailbox();
        using var writers = new Writers(mailbox);
        using var daemon = new Daemon([mailbox], Timing.Settle);
        var random = Timing.Random(output);
        for (var round = 0; round < 3; round++)
        {
            var before = mailbox.Truth;
            writers.All[name](mailbox, random);
            writers.All[name](mailbox, random);
            var took = daemon.WaitUntilRight(Timing.Patience);
            output.WriteLine($"{name}: {before} -> {mailbox.Truth}, right after {took.TotalMilliseconds:0} ms");
        }
    }

    [Fact]
    public void Writers_AllTogether_LedgerIsRight()
    {
        using var mailbox = Writers.Mailbox();
        using var writers = new Writers(mailbox);
        using var daemon = new Daemon([mailbox], Timing.Settle);
        output.WriteLine($"seed {Timing.Seed} (MQW_SEED)");
        var crowd = new Crowd(writers, [mailbox], Timing.Seed);
        crowd.Work(TimeSpan.FromSeconds(10));
        var took = daemon.WaitUntilRight(Timing.Patience);
        output.WriteLine($"{crowd}\nright after {took.TotalMilliseconds:0} ms");
        crowd.AssertDeliveriesSucceeded();
    }
}
