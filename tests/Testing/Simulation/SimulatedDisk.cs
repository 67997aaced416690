using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Testing.Simulation;

/// <summary>
/// A mailbox in memory with the kernel's event queue and a clock that stands until it is moved. Outlives the daemon:
/// several <see cref="SimulatedMailbox"/> one after the other are restarts.
/// </summary>
/// <remarks>
/// Implementation notes: inotify(7). Order is kept; a rename is two records with one cookie, one alone when the other
/// side is not watched; of what a rename replaces nothing is said; a writer to a replaced ledger is still reported.
/// </remarks>
public sealed class SimulatedDisk
{
    private const long Epoch = 1_700_000_000;
    private readonly PriorityQueue<Action, (long, int)> _later = new();
    private int _scheduled;
    private ulong _lastInode;
    private uint _lastCookie;

    /// <param name="folders">Folder names; empty for INBOX.</param>
    /// <param name="ledger">The first <c>maildirsize</c>, or null.</param>
    public SimulatedDisk(IEnumerable<string> folders, string? ledger)
    {
        foreach (var folder in folders)
            AddFolder(folder);
        if (ledger is not null)
            RebuildLedger(ledger);
    }

    public long Milliseconds { get; set; } = 1_000_000;

    public Moment Now => new(Milliseconds, UnixSeconds);

    public long UnixSeconds => Epoch + Milliseconds / 1000;

    public List<SimulatedDirectory> Directories { get; } = [];

    public SimulatedLedger? Ledger { get; private set; }

    public Queue<KernelRecord> Queue { get; } = [];

    /// <summary>True after an overflow until the daemon has been told.</summary>
    public bool HasOverflowed { get; set; }

    /// <summary>Files being written in <c>tmp</c>.</summary>
    public int DeliveriesInProgress { get; set; }

    /// <summary>When somebody else last changed anything.</summary>
    public long LastForeignChange { get; private set; }

    public long? NextActionAt => _later.TryPeek(out _, out var at) ? at.Item1 : null;

    /// <inheritdoc cref="SimulatedDirectory.Count"/>
    public Usage Count(CountingPolicy policy, IFolderRoots? roots = null, int root = 0) => Directories.Aggregate(
        Usage.Zero, (sum, directory) => sum + (directory.Count(policy, roots, root) - Usage.Zero));

    public void Schedule(long delay, Action action) => _later.Enqueue(action, (Milliseconds + delay, _scheduled++));

    /// <summary>Runs one action that is due.</summary>
    public bool RunAction()
    {
        if (NextActionAt is not { } at || at > Milliseconds)
            return false;
        _later.Dequeue()();
        LastForeignChange = Milliseconds;
        return true;
    }

    public void Post(KernelRecord happened)
    {
        if (!HasOverflowed && happened.Directory is not { IsWatched: false })
            Queue.Enqueue(happened);
    }

    public void Overflow()
    {
        Queue.Clear();
        HasOverflowed = true;
    }

    public void AddFolder(string name)
    {
        Directories.Add(new SimulatedDirectory(name));
        Directories.Add(new SimulatedDirectory(name));
        Post(new KernelRecord(default, FoldersChanged: true));
    }

    public void RemoveFolder(string name)
    {
        foreach (var directory in Directories.Where(directory => directory.Folder == name).ToList())
        {
            foreach (var entry in directory.Entries.Values.ToList())
                Unlink(directory, entry.Name);
            Directories.Remove(directory);
        }

        Post(new KernelRecord(default, FoldersChanged: true));
    }

    /// <summary>A name appears for a file: link(2), or creat(2) when the file is new.</summary>
    public void Create(SimulatedDirectory directory, string name, SimulatedInode file)
    {
        if (directory.Entries.TryAdd(name, new SimulatedEntry(name, file)))
            Post(new KernelRecord(MaildirEventKind.Created, directory, name));
    }

    /// <summary>A file that was open for writing is closed; told under the name it has by then.</summary>
    public void CloseWritten(SimulatedInode file)
    {
        foreach (var directory in Directories)
            foreach (var entry in directory.Entries.Values)
                if (entry.File == file)
                    Post(new KernelRecord(MaildirEventKind.Written, directory, entry.Name));
    }

    public void Unlink(SimulatedDirectory directory, string name)
    {
        if (!directory.Entries.Remove(name, out var entry))
            return;
        entry.File.Links--;
        Post(new KernelRecord(MaildirEventKind.Deleted, directory, name));
    }

    /// <summary>rename(2) out of <c>tmp</c>, which nobody watches.</summary>
    public void RenameIn(SimulatedDirectory to, string name, SimulatedInode file) => Place(to, name, file, ++_lastCookie);

    /// <summary>rename(2), which does nothing between two names of one file.</summary>
    public void Rename(SimulatedDirectory from, string name, SimulatedDirectory to, string newName)
    {
        if (!from.Entries.TryGetValue(name, out var entry)
            || (to.Entries.TryGetValue(newName, out var there) && there.File == entry.File))
            return;
        from.Entries.Remove(name);
        Post(new KernelRecord(MaildirEventKind.MovedOut, from, name, ++_lastCookie));
        Place(to, newName, entry.File, _lastCookie);
    }

    /// <summary>Appends to a ledger file, orphan or not.</summary>
    public void AppendLedger(SimulatedLedger file, string text)
    {
        file.Set(file.Text + text, UnixSeconds);
        TouchLedger();
    }

    /// <summary>Overwrites the file in place.</summary>
    public void OverwriteLedger(string text)
    {
        Ledger?.Set(text, UnixSeconds);
        TouchLedger();
    }

    /// <summary>Puts a new file in its place by rename.</summary>
    public void RebuildLedger(string text)
    {
        Ledger = new SimulatedLedger(++_lastInode, text, UnixSeconds);
        TouchLedger();
    }

    public void DeleteLedger()
    {
        Ledger = null;
        TouchLedger();
    }

    private void Place(SimulatedDirectory to, string name, SimulatedInode file, uint cookie)
    {
        if (to.Entries.Remove(name, out var replaced))
            replaced.File.Links--;
        to.Entries.Add(name, new SimulatedEntry(name, file));
        Post(new KernelRecord(MaildirEventKind.MovedIn, to, name, cookie));
    }

    private void TouchLedger() => Post(new KernelRecord(MaildirEventKind.LedgerTouched));
}
