namespace MaildirQuotaWatcher.Cli.Demo;

/// <summary>The play: what happens to the mailbox, in order.</summary>
internal static class DemoScript
{
    public const long Limit = 2 << 20;
    public const int Percent = 80;

    /// <summary>What lies there before the daemon comes.</summary>
    public static void Furnish(DemoMailbox mailbox)
    {
        for (var i = 0; i < 3; i++)
            mailbox.Deliver(12_000);
        for (var i = 0; i < 40; i++)
            mailbox.Deliver(5_000, toArchive: true);
    }

    public static IReadOnlyList<DemoStep> For(DemoMailbox mailbox)
    {
        string accounted = "", copied = "", big = "";
        return
        [
            new("a program that accounts", "Courier, maildrop, Exim: append \"18000 1\", then deliver by rename",
                () => accounted = mailbox.Account(18_000)),
            new("a careless cp", "cp letter.eml cur/: 24,000 bytes, and nobody is told",
                () => copied = mailbox.CopyCarelessly(24_000)),
            new("a message is read", "a mail program renames it: new/… becomes cur/…:2,S",
                () => DemoMailbox.MarkRead(accounted)),
            new("rm", "rm cur/letter.eml, from a shell", () => File.Delete(copied)),
            new("a folder moves out", "mv .Archive elsewhere: 40 messages leave at once", mailbox.MoveArchiveAway),
            new("the folder moves in", "mv it back", mailbox.MoveArchiveBack),
            new("a flood", "720 small messages, each with its line in the ledger", () =>
            {
                for (var i = 0; i < 720; i++)
                    mailbox.Account(300);
            }),
            new($"past {Percent} %", "one big attachment arrives", () => big = mailbox.Deliver(1_300_000), Warns: true),
            new($"below {Percent} %", "its owner deletes it", () => File.Delete(big), Warns: true),
        ];
    }
}
