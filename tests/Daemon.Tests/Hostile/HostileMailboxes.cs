using System.Diagnostics;
using MaildirQuotaWatcher.Daemon.Tests.Mailboxes;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Hostile;

/// <summary>A place with the mailbox of an attacker and one of a bystander, who must stay right whatever
/// happens.</summary>
public abstract class HostileMailboxes : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private int _delivered;

    protected HostileMailboxes()
    {
        foreach (var mailbox in (ReadOnlySpan<string>)[Mailbox, Bystander])
        {
            LiveWatch.MakeMaildir(mailbox);
            File.WriteAllText(Path.Combine(mailbox, "maildirsize"), "100000S\n0 0\n");
        }
    }

    protected string Place => _directory.FullName;

    protected string Mailbox => Path.Combine(Place, "attacker");

    protected string Ledger => Path.Combine(Mailbox, "maildirsize");

    protected string Bystander => Path.Combine(Place, "bystander");

    /// <summary>What the mailboxes are watched by.</summary>
    internal virtual SourceChoice Source => SourceChoice.Inotify;

    internal MailWatchOptions Limited => new()
    {
        Source = Source,
        Limit = new(100000, 0),
        RetryAfter = TimeSpan.FromMilliseconds(300),
    };

    public virtual void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Delivers 10 bytes.</summary>
    protected void Deliver(string mailbox)
    {
        var name = $"1.{++_delivered}.host,S=10";
        File.WriteAllText(Path.Combine(mailbox, "tmp", name), "0123456789");
        File.Move(Path.Combine(mailbox, "tmp", name), Path.Combine(mailbox, "new", name));
    }

    /// <summary>The bystander gets a message, and his ledger says so.</summary>
    internal void CheckBystander(LiveWatch live)
    {
        Deliver(Bystander);
        var messages = Directory.GetFiles(Path.Combine(Bystander, "new")).Length;
        live.WaitUntil(Bystander, new(10 * messages, messages));
    }

    internal void CheckBystander()
    {
        Deliver(Bystander);
        var messages = Directory.GetFiles(Path.Combine(Bystander, "new")).Length;
        WaitForLedger(Bystander, new(10 * messages, messages));
    }

    protected static void WaitForLedger(string mailbox, Quota.Usage usage) => LiveWatch.WaitFor(
        () => LiveWatch.LedgerUsage(mailbox) == usage,
        () => $"{mailbox}: expected {usage}, is [{LiveWatch.LedgerText(mailbox)}]");

    /// <summary>Waits while the daemon is just looking at something there.</summary>
    protected static void Unmount(string mount) => LiveWatch.WaitFor(
        () =>
        {
            using var umount = Process.Start("umount", [mount]);
            umount.WaitForExit();
            return umount.ExitCode == 0;
        },
        () => $"{mount} stays in use");

    protected static void Shell(string script, params string[] arguments)
    {
        using var shell = Process.Start("bash", ["-ec", script, "bash", .. arguments]);
        shell.WaitForExit();
        Assert.True(shell.ExitCode == 0, script);
    }
}
