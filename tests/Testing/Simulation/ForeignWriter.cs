using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Testing.Simulation;

/// <summary>Somebody else who delivers and expunges, and enters it first, afterwards or never.</summary>
public sealed class ForeignWriter(SimulatedDisk disk, CountingPolicy policy)
{
    private int _last;

    /// <summary>Minus the number of messages that are entered and have not appeared yet.</summary>
    public int Pending => -disk.DeliveriesInProgress;

    /// <summary>A fresh name, with or without its size.</summary>
    public string NewName(long bytes, bool named) =>
        $"{disk.UnixSeconds}.M{++_last}.host{(named ? $",S={bytes}" : "")}";

    /// <summary>Courier, maildrop, Exim: the line, then the message.</summary>
    /// <param name="to">Directory it goes to.</param>
    /// <param name="bytes">Size of the message.</param>
    /// <param name="window">Milliseconds between the two.</param>
    /// <param name="holdsOpen">Keep <c>maildirsize</c> open all the while (Exim).</param>
    /// <param name="aborted">The message never comes.</param>
    /// <param name="named">Size in the name.</param>
    public void DeliverLineFirst(
        SimulatedDirectory to, long bytes, long window, bool holdsOpen = false, bool aborted = false, bool named = true)
    {
        var (name, file) = (NewName(bytes, named), new SimulatedInode(bytes));
        var ledger = disk.Ledger;
        disk.DeliveriesInProgress++;
        Enter(ledger, to, name, file, 1);
        if (holdsOpen && ledger is not null)
            ledger.Holders++;
        disk.Schedule(window, () =>
        {
            disk.DeliveriesInProgress--;
            if (holdsOpen && ledger is not null)
                ledger.Holders--;
            if (!aborted && disk.Directories.Contains(to))
                disk.RenameIn(to, name, file);
        });
    }

    /// <summary>Dovecot: the message, then the line.</summary>
    /// <param name="to">Directory it goes to.</param>
    /// <param name="bytes">Size of the message.</param>
    /// <param name="window">Milliseconds between the two.</param>
    /// <param name="orphan">The ledger was opened before the message, and may be replaced by now (deliverquota).</param>
    /// <param name="named">Size in the name.</param>
    public void DeliverMessageFirst(
        SimulatedDirectory to, long bytes, long window, bool orphan = false, bool named = true)
    {
        var (name, file, ledger) = (NewName(bytes, named), new SimulatedInode(bytes), disk.Ledger);
        disk.RenameIn(to, name, file);
        disk.Schedule(window, () => Enter(orphan ? ledger : disk.Ledger, to, name, file, 1));
    }

    /// <summary>rsync, scripts: written in place, never entered.</summary>
    public void Drop(SimulatedDirectory to, long bytes, long window, bool named)
    {
        var (name, file) = (NewName(bytes, named), new SimulatedInode(0));
        disk.Create(to, name, file);
        disk.Schedule(window, () =>
        {
            file.Bytes = bytes;
            disk.CloseWritten(file);
        });
    }

    /// <summary>Removes a message, then enters it.</summary>
    public void Expunge(SimulatedDirectory from, SimulatedEntry entry, long window)
    {
        disk.Unlink(from, entry.Name);
        disk.Schedule(window, () => Enter(disk.Ledger, from, entry.Name, entry.File, -1));
    }

    /// <summary>Recounts by a policy of its own and renames the result into place.</summary>
    public void Rebuild(CountingPolicy by, string header)
    {
        var usage = disk.Count(by);
        disk.RebuildLedger($"{header}\n{usage.Bytes} {usage.Messages}\n");
    }

    private void Enter(SimulatedLedger? ledger, SimulatedDirectory directory, string name, SimulatedInode file, int sign)
    {
        var size = SimulatedDirectory.SizeOf(name, file, policy);
        var counted = policy.CountsFolder(System.Text.Encoding.Latin1.GetBytes(directory.Folder));
        if (ledger is not null && counted && !size.IsZero)
            disk.AppendLedger(ledger, $"{sign * size.Bytes} {sign * size.Messages}\n");
    }
}
