using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// The truth about one mailbox: running totals per message directory, exact across scans. One worker at a time.
/// </summary>
/// <remarks>
/// Implementation notes. It keeps totals, not messages: a name with a usable <c>,S=</c> says its size when it comes and
/// when it goes; only names without one are remembered. What totals cannot follow makes a directory <i>suspect</i>, to
/// be counted again before anything is decided: a removal of something unknown, and a rename onto a name that may have
/// existed (the kernel does not tell). Renames that cannot replace anything are believed: flag changes, new to cur, and
/// deliveries, whose name begins with the second in which it was made, after the last count, and was not seen since.
/// A recount: <see cref="BeginCount"/>, <see cref="Saw"/> for each entry, <see cref="ScanDone"/>, a fence. Events
/// between
/// the begin and the passing of the fence are held by name, so each counts once.
/// </remarks>
public sealed class MailboxIndex(CountingPolicy policy, NameHash hash, IMailboxFiles files, FreshNames fresh)
{
    /// <summary>A delivery is renamed into place within this time after its name was made; seconds.</summary>
    private const long FreshSeconds = 300;

    private readonly List<DirectoryTally> _directories = [];
    private readonly ulong _owner = fresh.NewOwner();
    private int _nextId = 1;
    private Queue<int>? _toScan;
    private int _counting;
    private bool _divided;
    private (uint Cookie, int Directory, ulong UniqueName) _movedOut;

    public CountingPolicy Policy => policy;

    /// <summary>True when no directory waits for a count: <see cref="Total"/> is the truth.</summary>
    public bool IsExact => _counting == 0;

    public bool HasSuspects { get; private set; }

    /// <summary>Counted usage of the mailbox; saturates at 2^63-1 bytes.</summary>
    public Usage Total
    {
        get
        {
            long bytes = 0, messages = 0;
            foreach (var tally in _directories)
            {
                if (!tally.Folder.Counted)
                    continue;
                bytes = Saturate(bytes, tally.Usage.Bytes);
                messages += tally.Usage.Messages;
            }

            return new Usage(bytes, messages);
        }
    }

    /// <summary>Usage per folder, counted or not, in the order in which the folders were found.</summary>
    public IReadOnlyList<(MaildirFolder Folder, Usage Usage)> Folders
    {
        get
        {
            var folders = new List<(MaildirFolder Folder, Usage Usage)>();
            foreach (var tally in _directories)
            {
                var at = folders.FindIndex(entry => ReferenceEquals(entry.Folder, tally.Folder));
                var sum = at < 0 ? Usage.Zero : folders[at].Usage;
                sum = new Usage(Saturate(sum.Bytes, tally.Usage.Bytes), sum.Messages + tally.Usage.Messages);
                if (at < 0)
                    folders.Add((tally.Folder, sum));
                else
                    folders[at] = (tally.Folder, sum);
            }

            return folders;
        }
    }

    /// <summary>Adds a <c>new</c> or <c>cur</c>, not yet counted. Ids are never used twice in one mailbox.</summary>
    public int AddDirectory(MaildirFolder folder)
    {
        var tally = new DirectoryTally(_nextId++, folder) { Recount = new DirectoryRecount() };
        _directories.Add(tally);
        _counting++;
        (_toScan ??= []).Enqueue(tally.Id);
        return tally.Id;
    }

    public void RemoveDirectory(int directory)
    {
        var at = Search(directory);
        if (at < 0)
            return;
        if (_directories[at].Recount is not null)
            _counting--;
        _directories.RemoveAt(at);
    }

    /// <summary>Starts a fresh count of a directory, also when one was under way. Events are held from now
    /// on.</summary>
    public void BeginCount(int directory)
    {
        if (Find(directory) is not { } tally)
            return;
        if (tally.Recount is null)
            _counting++;
        tally.Recount = new DirectoryRecount();
        tally.Suspect = false;
        (_toScan ??= []).Enqueue(directory);
    }

    /// <summary>Takes one entry read from a directory being counted.</summary>
    /// <param name="directory">Directory id.</param>
    /// <param name="name">Entry name without "." and "..".</param>
    /// <param name="stat">Looks at the entry; called only when the name does not say the size.</param>
    public void Saw(int directory, ReadOnlySpan<byte> name, Func<ReadOnlySpan<byte>, MessageStat> stat)
    {
        if (Find(directory)?.Recount is not { } recount)
            return;
        switch (MessageName.Read(name, policy, out var bytes))
        {
            case MessageSizing.Named:
                recount.SawNamed(hash.Of(name), bytes);
                break;
            case MessageSizing.NeedsStat:
                var found = stat(name);
                _divided |= policy.DivideByLinks && found.Links > 1;
                if (!IsGone(found) && policy.TrySize(found, out bytes))
                    recount.SawUnsized(hash.Of(name), bytes);
                break;
        }
    }

    /// <summary>A directory that waits to be read, or 0.</summary>
    public int NextToScan()
    {
        while (_toScan is { Count: > 0 })
        {
            if (Find(_toScan.Peek())?.Recount is { Scanned: false })
                return _toScan.Peek();
            _toScan.Dequeue();
        }

        _toScan = null;
        return 0;
    }

    /// <summary>Every entry of the directory has been given to <see cref="Saw"/>.</summary>
    public void ScanDone(int directory)
    {
        if (Find(directory)?.Recount is { } recount)
            recount.Scanned = true;
    }

    /// <summary>A fence is asked for: it will end the count of everything scanned until now.</summary>
    /// <param name="ticket">Grows with every fence; never 0.</param>
    public void MarkFence(long ticket)
    {
        foreach (var tally in _directories)
            if (tally.Recount is { Scanned: true, Fence: 0 } recount)
                recount.Fence = ticket;
    }

    /// <summary>The fence has passed: from now on every event counts once.</summary>
    /// <param name="ticket">That of the fence.</param>
    /// <param name="unixSeconds">Now; 0 when it is not known.</param>
    public void FencePassed(long ticket, long unixSeconds = 0)
    {
        foreach (var tally in _directories)
        {
            if (tally.Recount is not { Fence: > 0 } recount || recount.Fence > ticket)
                continue;
            if (recount.Overrun)
            {
                tally.Recount = new DirectoryRecount();
                (_toScan ??= []).Enqueue(tally.Id);
                continue;
            }

            tally.Unsized = recount.Merge(tally);
            tally.Recount = null;
            tally.CountedAt = unixSeconds;
            _counting--;
        }
    }

    /// <summary>Begins a recount of every suspect directory, or of all.</summary>
    public void BeginCounts(bool all)
    {
        foreach (var tally in _directories)
            if (all || tally.Suspect)
                BeginCount(tally.Id);
        HasSuspects = false;
    }

    public bool IsBeingCounted(int directory) => Find(directory)?.Recount is not null;

    /// <summary>Applies one event of a message directory.</summary>
    /// <returns>True when it may have changed something that counts.</returns>
    public bool Apply(in MaildirEvent change, Moment now)
    {
        if (Find(change.Directory) is not { } tally)
            return false;
        var sizing = MessageName.Read(change.Name, policy, out var bytes);
        var name = hash.Of(change.Name);

        switch (change.Kind)
        {
            case MaildirEventKind.Deleted:
                if (sizing == MessageSizing.NeedsStat)
                    SuspectDivided();
                break;
            case MaildirEventKind.MovedOut:
                _movedOut = (change.Cookie, tally.Id, hash.Of(MessageName.UniqueName(change.Name)));
                break;
            case MaildirEventKind.MovedIn:
                if (sizing == MessageSizing.Named && tally.Recount is null && MayReplace(change, tally, name, now))
                    Suspect(tally);
                return Appeared(tally, sizing, change.Name, name, bytes);
            case MaildirEventKind.Created:
                return Appeared(tally, sizing, change.Name, name, bytes);
            case MaildirEventKind.Written:
                // A name that says its size says it whatever was written.
                return sizing == MessageSizing.NeedsStat && Appeared(tally, sizing, change.Name, name, bytes);
            default:
                return false;
        }

        return sizing != MessageSizing.NotCounted
            && Removed(tally, name, bytes, sizing == MessageSizing.NeedsStat);
    }

    /// <summary>What happened in a directory is not known: it is to be counted again, also when it is being counted
    /// now.</summary>
    public void SuspectDirectory(int directory)
    {
        if (Find(directory) is { } tally)
            Suspect(tally);
    }

    private bool Appeared(
        DirectoryTally tally, MessageSizing sizing, ReadOnlySpan<byte> name, ulong hashed, long bytes)
    {
        if (sizing == MessageSizing.NotCounted)
            return false;
        if (sizing == MessageSizing.NeedsStat)
        {
            var stat = files.Stat(tally.Id, name);
            _divided |= policy.DivideByLinks && stat.Links > 1;
            if (stat.Links > 1 || tally.Recount is not null)
                SuspectDivided();
            if (IsGone(stat) || !policy.TrySize(stat, out bytes))
                return Removed(tally, hashed, 0, unsized: true);
        }

        if (tally.Recount is { } recount)
        {
            recount.HoldPresent(hashed, bytes, sizing == MessageSizing.NeedsStat);
            return true;
        }

        if (sizing == MessageSizing.Named)
        {
            tally.Add(bytes, 1);
            fresh.Add(Key(tally, hashed));
        }
        else if ((tally.Unsized ??= new UnsizedMessages()).Set(hashed, bytes, out var before))
        {
            tally.Add(bytes - before, 0);
            SuspectDivided();
        }
        else
        {
            tally.Add(bytes, 1);
        }

        return true;
    }

    private static bool IsGone(MessageStat stat) => !stat.Exists && stat.Kind != EntryKind.SymbolicLink;

    private bool Removed(DirectoryTally tally, ulong name, long bytes, bool unsized)
    {
        if (tally.Recount is { } recount)
        {
            recount.HoldAbsent(name);
            return true;
        }

        // An unsized one that is unknown was gone before anybody could look: never counted, nothing to take away.
        if (unsized && (tally.Unsized is null || !tally.Unsized.Remove(name, out bytes)))
            return false;
        if (!unsized)
            fresh.Remove(Key(tally, name));
        tally.Add(-bytes, -1);
        if (tally.Usage.Messages < 0)
            Suspect(tally);
        return true;
    }

    /// <summary>Whether a rename to this name may have replaced a message that was counted.</summary>
    private bool MayReplace(in MaildirEvent change, DirectoryTally tally, ulong name, Moment now)
    {
        var paired = change.Cookie != 0 && change.Cookie == _movedOut.Cookie;
        var unique = MessageName.UniqueName(change.Name);
        if (paired && Find(_movedOut.Directory) is { } source && ReferenceEquals(source.Folder, tally.Folder))
            return hash.Of(unique) != _movedOut.UniqueName;
        if (paired || change.FromOtherMailbox)
            return true;
        var delivered = MessageName.DeliveredAt(change.Name);
        return now.UnixSeconds - delivered is < -FreshSeconds or > FreshSeconds
            || delivered < tally.CountedAt || fresh.Contains(Key(tally, name));
    }

    private ulong Key(DirectoryTally tally, ulong name) => name ^ (_owner + (ulong)tally.Id * 0xc2b2ae3d27d4eb4f);

    /// <summary>
    /// Where sizes are divided by the number of links (Exim), a link that comes or goes changes the size under all
    /// other names of the file, and no event tells which those are.
    /// </summary>
    private void SuspectDivided()
    {
        if (!_divided)
            return;
        foreach (var tally in _directories)
            if (tally.Unsized is not null || tally.Recount is not null)
                Suspect(tally);
    }

    private void Suspect(DirectoryTally tally)
    {
        tally.Suspect = true;
        HasSuspects = true;
    }

    private DirectoryTally? Find(int directory)
    {
        var at = Search(directory);
        return at < 0 ? null : _directories[at];
    }

    /// <summary>Where the directory stands, or -1. Ids grow, and the list keeps their order.</summary>
    private int Search(int directory)
    {
        var (low, high) = (0, _directories.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var id = _directories[middle].Id;
            if (id == directory)
                return middle;
            if (id < directory)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return -1;
    }

    private static long Saturate(long sum, long bytes)
    {
        // An unknown removal may leave a directory below nothing until it is counted again.
        var result = (Int128)sum + bytes;
        return result > long.MaxValue ? long.MaxValue : (long)result;
    }
}
