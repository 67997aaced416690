using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
/// between the begin and the passing of the fence are held by name, so each counts once.
/// </remarks>
public sealed partial class MailboxIndex(CountingPolicy policy, NameHash hash, IMailboxFiles files, FreshNames fresh)
{
    // Sorted by id. Only what is being counted, or holds messages without a size, needs more than its tally.
    private readonly List<DirectoryTally> _directories = [];
    private Dictionary<int, DirectoryRecount>? _recounts;
    private Dictionary<int, UnsizedMessages>? _unsized;
    private Dictionary<(int Directory, ulong Name), long>? _unfinished;
    private ulong _owner = fresh.NewOwner();
    private int _nextId = 1;
    private Queue<int>? _toScan;
    private (int Directory, DirectoryRecount? Recount) _scanned;
    private Int128 _bytes;
    private long _messages;
    private long _countedAt;
    private bool _restored;
    private int _otherRoots;

    public CountingPolicy Policy => policy;

    /// <summary>True when no directory waits for a count: <see cref="Total"/> is the truth.</summary>
    public bool IsExact => _recounts is null;

    public bool HasSuspects { get; private set; }

    /// <summary>Some directory has no <see cref="DirectoryPlace.Stamp"/>; set until the caller takes it back.</summary>
    public bool HasUnstamped { get; set; }

    public int Count => _directories.Count;

    /// <summary>Messages that are remembered because their names do not say their size.</summary>
    public int UnsizedCount => _unsized?.Values.Sum(static messages => messages.Count) ?? 0;

    /// <summary>What <c>maildirsize</c> has to say; saturates at 2^63-1 bytes.</summary>
    public Usage Total => Saturated(_bytes, _messages);

    /// <summary>Adds a <c>new</c> or <c>cur</c>, not yet counted. Ids are never used twice in one mailbox.</summary>
    public int AddDirectory(MaildirFolder folder)
    {
        _directories.Add(new DirectoryTally(_nextId++, folder));
        _otherRoots = Math.Max(_otherRoots, folder.Root);
        BeginCount(_nextId - 1);
        return _nextId - 1;
    }

    /// <summary>Takes a directory's usage from memory instead of counting it; right after it was added.</summary>
    /// <param name="directory">Directory id.</param>
    /// <param name="usage">What it held when <paramref name="stamp"/> was its change time, which it still is.</param>
    /// <param name="unsized">The messages among them whose names do not say their size.</param>
    /// <param name="stamp">See <see cref="DirectoryPlace.Stamp"/>.</param>
    /// <param name="unixSeconds">Now.</param>
    public void Restore(int directory, Usage usage, UnsizedMessages? unsized, long stamp, long unixSeconds)
    {
        ref var tally = ref Find(directory);
        if (IsNone(ref tally))
            return;
        Set(ref tally, usage.Bytes, usage.Messages);
        KeepUnsized(directory, unsized);
        tally.Place.Stamp = stamp;
        _countedAt = unixSeconds;
        _restored = true;
        EndCount(directory);
    }

    /// <summary>True when something was restored, not counted, since the last time this was asked.</summary>
    public bool TakeRestored()
    {
        var restored = _restored;
        _restored = false;
        return restored;
    }

    public void RemoveDirectory(int directory)
    {
        var at = Search(directory);
        if (at < 0)
            return;
        Set(ref CollectionsMarshal.AsSpan(_directories)[at], 0, 0);
        EndCount(directory);
        KeepUnsized(directory, null);
        foreach (var entry in _unfinished?.Keys.Where(entry => entry.Directory == directory).ToArray() ?? [])
            _unfinished!.Remove(entry);
        _directories.RemoveAt(at);
    }

    /// <summary>Gives back memory kept for directories still to come.</summary>
    public void Trim() => _directories.Capacity = _directories.Count;

    /// <summary>What the caller keeps with a directory; not to be held on to when directories come or go.</summary>
    public ref DirectoryPlace PlaceOf(int directory) => ref Find(directory).Place;

    /// <summary>Some message without a size may be growing there, of which the directory's times do not tell.</summary>
    /// <param name="directory">Directory id.</param>
    /// <param name="unixSeconds">Now.</param>
    public bool IsBeingWritten(int directory, long unixSeconds) => _unfinished?.Any(
        entry => entry.Key.Directory == directory && unixSeconds - entry.Value < WritingSeconds) == true;

    /// <summary>The folder a directory belongs to; null when there is no such directory.</summary>
    public MaildirFolder? FolderOf(int directory) =>
        Search(directory) is >= 0 and var at ? _directories[at].Folder : null;

    /// <summary>Every directory with its folder, usage and messages without a size; sorted by id.</summary>
    public IEnumerable<DirectoryEntry> All()
    {
        foreach (var tally in _directories)
            yield return new DirectoryEntry(tally.Id, tally.Folder, tally.Place, tally.Usage, UnsizedOf(tally.Id));
    }

    /// <summary>Starts a fresh count of a directory, also when one was under way. Events are held from now
    /// on.</summary>
    public void BeginCount(int directory)
    {
        ref var tally = ref Find(directory);
        if (IsNone(ref tally))
            return;
        _recounts ??= [];
        _recounts[directory] = _recounts.GetValueOrDefault(directory)?.Again()
            ?? new DirectoryRecount(keepsNames: false);
        _scanned = default;
        tally.Suspect = false;
        tally.Place.Stamp = 0;
        (_toScan ??= []).Enqueue(directory);
    }

    /// <summary>Reading a directory begins.</summary>
    /// <param name="directory">Directory id.</param>
    /// <param name="stamp">Its change time, nanoseconds; 0 when it is too young to tell a later change.</param>
    public void ScanBegins(int directory, long stamp)
    {
        if (RecountOf(directory) is { } recount)
            recount.Stamp = stamp;
    }

    /// <summary>Takes one entry read from a directory being counted.</summary>
    /// <param name="directory">Directory id.</param>
    /// <param name="name">Entry name without "." and "..".</param>
    /// <returns>False when the name does not say the size: look at it, then call the other <c>Saw</c>.</returns>
    public bool Saw(int directory, ReadOnlySpan<byte> name)
    {
        if (_scanned.Directory != directory)
            _scanned = (directory, RecountOf(directory));
        if (_scanned.Recount is not { } recount)
            return true;
        switch (MessageName.Read(name, policy, out var bytes))
        {
            case MessageSizing.Named:
                recount.SawNamed(name, hash, bytes);
                return true;
            case MessageSizing.NeedsStat:
                return false;
            default:
                return true;
        }
    }

    /// <summary>Takes one entry whose name does not say its size.</summary>
    /// <param name="directory">Directory id.</param>
    /// <param name="name">Entry name.</param>
    /// <param name="stat">What the disk says, asked after the name was read.</param>
    public void Saw(int directory, ReadOnlySpan<byte> name, in MessageStat stat)
    {
        if (RecountOf(directory) is not { } recount)
            return;
        if (IsGone(stat) || !policy.TrySize(stat, out var bytes))
            return;
        var hashed = hash.Of(name);
        recount.SawUnsized(hashed, bytes);
        if (!policy.DivideByLinks || stat.Links < 2)
            return;
        _divided = true;
        // A link that nobody told of: the file's other names have been counted as larger.
        if (UnsizedOf(directory) is not { } known || !known.TryGet(hashed, out var before) || before != bytes)
            SuspectDivided();
    }

    /// <summary>A directory that waits to be read, or 0.</summary>
    public int NextToScan()
    {
        while (_toScan is { Count: > 0 })
        {
            if (RecountOf(_toScan.Peek()) is { Scanned: false })
                return _toScan.Peek();
            _toScan.Dequeue();
        }

        _toScan = null;
        return 0;
    }

    /// <summary>Every entry of the directory has been given to <see cref="Saw"/>.</summary>
    public void ScanDone(int directory)
    {
        if (RecountOf(directory) is { } recount)
            recount.Scanned = true;
    }

    /// <summary>A fence is asked for: it will end the count of everything scanned until now.</summary>
    /// <param name="ticket">Grows with every fence; never 0.</param>
    public void MarkFence(long ticket)
    {
        foreach (var recount in _recounts?.Values ?? Enumerable.Empty<DirectoryRecount>())
            if (recount is { Scanned: true, Fence: 0 })
                recount.Fence = ticket;
    }

    /// <summary>The fence has passed: from now on every event counts once.</summary>
    /// <param name="ticket">That of the fence.</param>
    /// <param name="unixSeconds">Now; 0 when it is not known.</param>
    /// <returns>True when the count of a directory has ended.</returns>
    public bool FencePassed(long ticket, long unixSeconds = 0)
    {
        var ended = false;
        foreach (var (directory, recount) in _recounts?.ToArray() ?? [])
        {
            if (recount.Fence == 0 || recount.Fence > ticket)
                continue;
            if (recount.Unclear)
            {
                BeginCount(directory);
                continue;
            }

            ref var tally = ref Find(directory);
            KeepUnsized(directory, recount.Merge(out var bytes, out var messages));
            Set(ref tally, bytes, messages);
            var unclear = recount.Disturbed || tally.Suspect || IsBeingWritten(directory, unixSeconds);
            tally.Place.Stamp = unclear ? 0 : recount.Stamp;
            HasUnstamped |= tally.Place.Stamp == 0;
            _countedAt = unixSeconds;
            EndCount(directory);
            ended = true;
        }

        return ended;
    }

    /// <summary>Begins a recount of every suspect directory, or of all.</summary>
    public void BeginCounts(bool all)
    {
        foreach (ref readonly var tally in CollectionsMarshal.AsSpan(_directories))
            if (all || tally.Suspect)
                BeginCount(tally.Id);
        HasSuspects = false;
    }

    /// <summary>What happened in a directory cannot be told: it is counted again before anything is decided.</summary>
    public void SuspectDirectory(int directory)
    {
        ref var tally = ref Find(directory);
        if (!IsNone(ref tally))
            Suspect(ref tally);
    }

    private void Suspect(ref DirectoryTally tally)
    {
        tally.Suspect = true;
        tally.Place.Stamp = 0;
        HasSuspects = HasUnstamped = true;
    }

    private void Add(ref DirectoryTally tally, long bytes, long messages)
    {
        tally.Add(bytes, messages);
        if (!tally.Folder.Counted)
            return;
        _bytes += bytes;
        _messages += messages;
    }

    private void Set(ref DirectoryTally tally, Int128 bytes, long messages)
    {
        if (tally.Folder.Counted)
        {
            _bytes += bytes - tally.Bytes;
            _messages += messages - tally.Usage.Messages;
        }

        tally.Set(bytes, messages);
    }

    private DirectoryRecount? RecountOf(int directory) => _recounts?.GetValueOrDefault(directory);

    private UnsizedMessages? UnsizedOf(int directory) => _unsized?.GetValueOrDefault(directory);

    private void EndCount(int directory)
    {
        _scanned = default;
        if (_recounts is null || !_recounts.Remove(directory) || _recounts.Count > 0)
            return;
        _recounts = null;
    }

    private void KeepUnsized(int directory, UnsizedMessages? unsized)
    {
        if (unsized is not null)
            (_unsized ??= [])[directory] = unsized;
        else if (_unsized is not null && _unsized.Remove(directory) && _unsized.Count == 0)
            _unsized = null;
    }

    /// <summary>The tally of a directory, or none: see <see cref="IsNone"/>.</summary>
    private ref DirectoryTally Find(int directory)
    {
        var at = Search(directory);
        if (at < 0)
            return ref Unsafe.NullRef<DirectoryTally>();
        return ref CollectionsMarshal.AsSpan(_directories)[at];
    }

    private static bool IsNone(ref DirectoryTally tally) => Unsafe.IsNullRef(ref tally);

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
}
