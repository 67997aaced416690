using MaildirQuotaWatcher.Peers.Mailboxes;
using MaildirQuotaWatcher.Peers.Programs;
using MaildirQuotaWatcher.Peers.Running;
using MaildirQuotaWatcher.Warnings;
using Serilog.Core;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>The warning script runs once per crossing, whoever made the mailbox cross.</summary>
public sealed class WarningBesideTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly MailboxFixture mailbox = new("100000S\n0 0\n");
    private int serial;

    private string LogPath => Path.Combine(scratch.Location, "warnings");

    [Fact]
    public void Script_CpCrosses80_RunsOnce()
    {
        using var daemon = WithScript();
        Copy(70_000, daemon);
        Assert.Empty(Warnings);
        Copy(11_000, daemon);
        AssertWarnings(1, daemon);
        Copy(1_000, daemon);
        AssertWarnings(1, daemon);
        Assert.Matches(@"\b80\b", Warnings[0]);
    }

    [Fact]
    public void Script_JumpOverBoth_RunsOnlyTheHighest()
    {
        using var daemon = WithScript();
        Copy(97_000, daemon);
        AssertWarnings(1, daemon);
        Assert.Matches(@"\b95\b", Warnings[0]);
    }

    [Fact]
    public void Script_RemovedAndCrossedAgain_RunsAgain()
    {
        using var daemon = WithScript();
        Copy(85_000, daemon);
        AssertWarnings(1, daemon);
        FileCommands.Remove(mailbox.Messages());
        daemon.WaitUntilRight(Timing.Patience);
        Copy(85_000, daemon);
        AssertWarnings(2, daemon);
    }

    [Fact]
    public void Script_MaildropCrosses80_RunsOnce()
    {
        using var maildrop = new Maildrop();
        using var daemon = WithScript();
        maildrop.Deliver(mailbox, Letter.OfSize(85_000));
        daemon.WaitUntilRight(Timing.Patience);
        AssertWarnings(1, daemon);
    }

    [Fact]
    public void Script_DaemonKilledAfterWarning_DoesNotRunAgain()
    {
        using var daemon = WithScript();
        Copy(85_000, daemon);
        AssertWarnings(1, daemon);
        // It counts as run when that is noted: a kill before may repeat it.
        Assert.True(Poll.Until(() => NothingIsDue(daemon), Timing.Patience), daemon.Log());
        daemon.Kill();
        daemon.Restart();
        Copy(1_000, daemon);
        AssertWarnings(1, daemon);
    }

    public void Dispose()
    {
        mailbox.Dispose();
        scratch.Dispose();
    }

    private string[] Warnings => File.ReadAllLines(LogPath);

    private static bool NothingIsDue(Daemon daemon)
    {
        using var store = WarningStore.Open(daemon.State, Logger.None);
        return store.ReadDue(long.MaxValue, 1).Count == 0;
    }

    private Daemon WithScript()
    {
        var script = Path.Combine(scratch.Location, "warn");
        File.WriteAllText(script, $"""
            #!/bin/sh
            line="$* $(env | sort | tr '\n' ' ')"
            echo "$line" >> {LogPath}

            """.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(script, (UnixFileMode)0b111_101_101);
        File.WriteAllText(LogPath, "");
        File.SetUnixFileMode(LogPath, (UnixFileMode)0b110_110_110);
        return new Daemon([mailbox], ["--warn", "80,95", "--exec", script, .. Timing.Settle]);
    }

    private void Copy(int bytes, Daemon daemon)
    {
        var source = Path.Combine(scratch.Location, $"letter{++serial}");
        File.WriteAllBytes(source, Letter.OfSize(bytes));
        MailUser.Delivery.Own(source);
        FileCommands.Copy(source, Path.Combine(mailbox.Maildir, $"cur/{serial}.copied.h:2,S"));
        daemon.WaitUntilRight(Timing.Patience);
    }

    // A run too many can only be noticed by looking a little longer.
    private void AssertWarnings(int expected, Daemon daemon)
    {
        Poll.Until(() => Warnings.Length >= expected, Timing.Patience);
        Poll.Until(() => Warnings.Length > expected, TimeSpan.FromMilliseconds(200));
        var runs = Warnings;
        Assert.True(
            runs.Length == expected,
            $"{runs.Length} runs, not {expected}:\n{string.Join('\n', runs)}\n{daemon.Log()}");
    }
}
