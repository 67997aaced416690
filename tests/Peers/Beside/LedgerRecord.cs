using MaildirQuotaWatcher.Peers.Mailboxes;

namespace MaildirQuotaWatcher.Peers.Beside;

/// <summary>
/// Follows a ledger through deliveries made one after another, each of which appends one line, and so counts the
/// lines that nobody but the daemon can have written. Looks only between deliveries.
/// </summary>
internal sealed class LedgerRecord(MailboxFixture mailbox)
{
    private Ledger last = mailbox.Ledger;

    /// <summary>Lines beyond those that the deliveries explain.</summary>
    public int ForeignLines { get; private set; }

    /// <summary>Times that a new file, by whomever, took the place of the old one.</summary>
    public int Replacements { get; private set; }

    /// <param name="lines">How many lines the writer has appended since the last look.</param>
    public void Look(int lines)
    {
        var now = mailbox.Ledger;
        if (now.Inode == last.Inode && now.Text.StartsWith(last.Text, StringComparison.Ordinal))
            ForeignLines += Math.Max(0, now.Lines.Length - last.Lines.Length - lines);
        else
            Replacements++;
        last = now;
    }
}
