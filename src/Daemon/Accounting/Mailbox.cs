using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Watching;
using Serilog;
using static MaildirQuotaWatcher.Linux.InotifyMask;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// One mailbox at work: turns kernel records into events for its <see cref="MailboxAccountant"/>, and does on disk what
/// that decides. Belongs to one worker; nothing here is called from another thread. Not to be held on to: at rest there
/// is only its <see cref="Followed"/>.
/// </summary>
internal sealed partial class Mailbox : IUsageListener
{
    /// <summary>What stays in the way is said again after this many attempts, ten minutes.</summary>
    private const int TroublesPerMessage = 40;

    private readonly MailboxWorker _worker;
    private readonly long _retryMilliseconds;
    private readonly IChangeSink? _sink;
    private readonly MailboxLayout _layout;
    private readonly MailboxWatches _watches;
    private uint _decisionFence;
    private long _retryAt = long.MaxValue;
    private string? _trouble;
    private int _troubles;

    public Mailbox(FollowedMailbox followed, PoolOptions options)
    {
        Followed = followed;
        _worker = followed.Worker;
        _sink = options.Sink;
        _retryMilliseconds = (long)options.RetryAfter.TotalMilliseconds;
        _memory = _worker.Memory;
        Accountant = new MailboxAccountant(
            options.Accounting, null, options.Hash, new MailboxFiles(this), this, _worker.FreshNames);
        Owner = new WatchOwner(Id, 0);
        _watches = new MailboxWatches(_worker.Watches);
        _layout = new MailboxLayout(
            Directory, Accountant.Index, _worker.NamesBy(Roots ?? options.Accounting.Policy), _worker.Scanner, _watches,
            Owner);
    }

    /// <summary>What there is of it while it is at rest, too.</summary>
    public FollowedMailbox Followed { get; }

    public int Id => Followed.Id;

    public string User => Followed.User;

    public MailboxDirectory Directory => Followed.Directory;

    /// <summary>The time of what is being done.</summary>
    public Moment Now { get; private set; }

    public BytePath Path => Directory.Path;

    public MailboxAccountant Accountant { get; }

    public WatchOwner Owner { get; }

    /// <summary>Of the rules it is followed by; null before the first ones.</summary>
    public IFolderRoots? Roots => Followed.Roots;

    /// <summary>True when the root is no longer what its path leads to; the worker then lets go of the
    /// mailbox.</summary>
    public bool IsGone { get; private set; }

    /// <summary>When <see cref="Tick"/> wants to be called, monotonic milliseconds.</summary>
    public long DueAt => HasLostEvents ? long.MaxValue
        : _trouble is null ? Math.Min(Accountant.DueAt, _stampAt)
        : _retryAt;

    /// <summary>It cannot be followed now; said, and tried again.</summary>
    public bool IsInTrouble => _trouble is not null;

    /// <summary>Why it cannot be kept right now, for people; null when it can. On its worker's thread.</summary>
    public string? Trouble => _trouble ?? (Accountant.Reported is
        { Action: LedgerAction.Failed or LedgerAction.Contested } last ? last.Problem : null);

    /// <summary>Mailboxes that wait because the kernel has no watches left; 0 when this is none of them.</summary>
    public int ShortOfWatches => _watches.Wanting;

    /// <summary>Its place among those that wait to be scanned; null when it is not among them.</summary>
    public LinkedListNode<Mailbox>? ScanNode { get; set; }

    /// <inheritdoc cref="FollowedMailbox.HasLostEvents"/>
    private bool HasLostEvents => Followed.HasLostEvents;

    /// <summary>The due time this mailbox stands in the worker's timetable with.</summary>
    public long ScheduledAt { get; set; } = long.MaxValue;

    /// <summary>Begins: watches, then asks for the first count.</summary>
    public void Open(Moment now)
    {
        Now = now;
        WithRoot(Rewatch);
        CheckTrouble(now);
        if (_trouble is null && !IsGone)
            Accountant.DirectoriesChanged(now);
    }

    /// <summary>The kernel tells of what this machine does to the mailbox only; it is looked at now and then.</summary>
    public bool IsPolled => Followed.IsPolled;

    /// <summary>
    /// An administrator's rules for this mailbox, before it is opened or at any time after. The ledger is judged again
    /// if they change anything; nothing is counted again for them.
    /// </summary>
    public void SetRules(IFolderRoots roots, ConfiguredLimit? limit, Moment now)
    {
        Followed.Roots = roots;
        if (_layout.SetNames(_worker.NamesBy(roots)))
            Accountant.RulesChanged(now);
        Accountant.SetLimit(limit, now);
    }

    /// <summary>The kernel lost events; also after trouble. What changed unseen is counted again.</summary>
    /// <returns>Directories that had changed.</returns>
    public int Reopen(Moment now)
    {
        Now = now;
        Followed.HasLostEvents = false;
        Unstamp();
        return LookAgain(now);
    }

    /// <summary>Looks for what nobody told of.</summary>
    /// <returns>Directories that had changed.</returns>
    private int LookAgain(Moment now)
    {
        Now = now;
        // Watches stay where they are; what they may have missed is looked for.
        var troubled = _trouble is not null;
        _trouble = null;
        var changed = 0;
        WithRoot(troubled ? Rewatch : root => changed = _layout.Sweep(root, thorough: false));
        if (IsGone || _trouble is not null)
            return changed;
        Accountant.DirectoriesChanged(now);
        CheckTrouble(now);
        return changed;
    }

    /// <summary>Looks for what nobody told of, unless it is being counted: a count that takes longer than the time
    /// between two looks must come to an end.</summary>
    public void Poll(Moment now)
    {
        if (Accountant.Index.IsExact)
            LookAgain(now);
    }

    /// <summary>Looks whether the path still leads to the root that is watched.</summary>
    public void CheckRoot() => WithRoot(static _ => { });

    public void Close()
    {
        _worker.Scanner.Cancel(this);
        _watches.SetWanting(false);
        LetGo();
    }

    /// <summary>Takes one record of the kernel.</summary>
    public void OnKernel(in EventHeader header, ReadOnlySpan<byte> name, Moment now)
    {
        Now = now;
        if (header.Directory > 0)
            OnMessages(header, name, now);
        else if (header.Directory == 0)
            OnRoot(header, name, now);
        else if (_layout.FolderByNumber(-header.Directory) is { } folder)
            OnFolder(folder.Name, name, now);
        CheckTrouble(now);
    }

    /// <summary>A fence this mailbox asked for has passed.</summary>
    public void OnFence(uint ticket, Moment now)
    {
        Now = now;
        if (_trouble is not null)
            return;
        if (ticket == _stampFence)
        {
            Stamped();
            return;
        }

        var index = Accountant.Index;
        _unsaved |= index.FencePassed(ticket, now.UnixSeconds);
        if (ticket == _decisionFence)
            Accountant.FencePassed(now);
        else if (index.NextToScan() != 0)
            _worker.Scanner.Enqueue(this);
        else
            Counted(now);
        CheckTrouble(now);
    }

    public void Tick(Moment now)
    {
        Now = now;
        if (_trouble is not null)
            Reopen(now);
        else if (now.Milliseconds >= _stampAt)
            Stamp();
        else
            Accountant.Tick(now);
        CheckTrouble(now);
    }

    /// <summary>Reads one batch of this mailbox's directories.</summary>
    public void ScanSlice(Moment now)
    {
        Now = now;
        _worker.Scanner.Slice(now);
    }

    /// <summary>After an internal error: nothing is trusted, everything is looked at again in a while.</summary>
    public void Suspend(Moment now) => Suffer("internal error", now);

    /// <summary>Every directory has been read; the count is complete behind a fence.</summary>
    public void Scanned()
    {
        var ticket = AskFence();
        if (ticket != 0)
            Accountant.Index.MarkFence(ticket);
    }

    /// <summary>A directory could not be read.</summary>
    public void CannotScan(int directory, Errno errno, Moment now)
    {
        Now = now;
        if (errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.ELOOP)
            WithRoot(root => _layout.ExamineGone(root, directory, ended: false));
        else
            Suffer(new SystemCallError("read", Path.Display, errno) + Cure.For(errno), now);
        CheckTrouble(now);
    }

    /// <summary>Opens a message directory below the open root.</summary>
    public int OpenDirectory(int root, int directory, out FileStatus status, out Errno errno)
    {
        if (root >= 0)
            return _layout.OpenDirectory(root, directory, out status, out errno);
        status = default;
        errno = Errno.ENOENT;
        return -1;
    }

    /// <summary>Opens a message directory whose reading begins.</summary>
    public int BeginScan(int root, int directory, out Errno errno)
    {
        var fd = OpenDirectory(root, directory, out var status, out errno);
        if (fd >= 0)
            Accountant.Index.ScanBegins(directory, MailboxLayout.StampOf(status, Now.UnixSeconds));
        return fd;
    }

    /// <inheritdoc cref="Ports.IMailboxFiles.Recheck"/>
    public void Recheck() => WithRoot(root => _layout.Sweep(root, thorough: true));

    /// <summary>Asks the scanner to read what the index wants to be read.</summary>
    public void AskCount() => _worker.Scanner.Enqueue(this);

    /// <summary>Asks for the fence that a decision waits for.</summary>
    public void AskDecisionFence() => _decisionFence = AskFence();

    public IEnumerable<byte[]> TemporaryDirectories() => _layout.TemporaryDirectories();

    public string CannotOpen(Errno errno) =>
        new SystemCallError("open", Path.Display, errno) + Cure.For(errno);

    /// <summary>Helps to look at many messages.</summary>
    public StatCrew Crew => _worker.Scanner.Crew;

    public MessageStat StatIn(int directoryFd, ReadOnlySpan<byte> name) =>
        MessageDisk.Stat(directoryFd, name, Directory.Owner);

    /// <summary>A directory found inside a message directory by the scan.</summary>
    public void FoundInside(int parent, byte[] name) => WithRoot(root => _layout.ExamineInside(root, parent, name));

    void IUsageListener.Accept(UsageChange change) => _sink?.Accept(this, change);

    private void Counted(Moment now)
    {
        // Of many that were short of watches one line tells, when all have them.
        var waited = _watches.Wanting > 0;
        var isLast = _watches.SetWanting(false);
        if (waited ? isLast : _troubles > 0)
            Log.Information("{Mailbox}: followed again{Others}", Path.Display,
                waited ? ", and so are all that were short of watches" : "");
        _troubles = 0;
        Accountant.Counted(now);
    }

    /// <summary>What was remembered may be older than what was written in place, and no time of a directory tells:
    /// where that matters, it is counted when it is found again.</summary>
    private void LetGo()
    {
        if (Accountant.Index.UnsizedCount > 0)
            _memory?.Forget(this);
        _layout.Close();
    }

    private void Rewatch(int root)
    {
        Followed.IsPolled = FileSystemType.Of(root, out _).MustBePolled;
        LetGo();
        Watch(root);
        if (!_watches.WasRefused)
            return;
        // What one source cannot watch the other one can, perhaps.
        _layout.Close();
        Watch(root);
    }

    private void Watch(int root)
    {
        _watches.Choose(root, Path.Display, IsPolled);
        var remembered = _memory?.Of(this);
        _layout.Open(root, remembered, Now.UnixSeconds);
        if (remembered is not null)
            _memory!.Used(remembered);
    }

    private uint AskFence()
    {
        var ticket = _watches.Fence(Owner, out var errno);
        if (ticket == 0)
            Suffer(new SystemCallError(_watches.Source, "fence", errno).ToString(), Now);
        return ticket;
    }

    private void WithRoot(Action<int> action)
    {
        var root = Directory.Open(out var errno);
        if (root >= 0)
        {
            try
            {
                action(root);
            }
            finally
            {
                Files.Close(root);
            }
        }
        else if (errno == Errno.ENOENT || errno == Errno.ENOTDIR || errno == Errno.ESTALE || errno == Errno.ELOOP)
        {
            IsGone = true;
        }
        else
        {
            Suffer(CannotOpen(errno), Now);
        }
    }

    private void CheckTrouble(Moment now)
    {
        if (_layout.Trouble is { } trouble && _trouble is null)
            Suffer(trouble, now);
        PlanStamp(now);
    }

    /// <summary>The mailbox cannot be followed for now: said once, tried again, nothing written meanwhile.</summary>
    private void Suffer(string problem, Moment now)
    {
        _worker.Scanner.Cancel(this);
        // Not in step with the others: those that are short of the same thing would take it from each other for ever.
        var share = (uint)HashCode.Combine(Id, _troubles) % 1000;
        _retryAt = now.Milliseconds + _retryMilliseconds * (500 + share) / 1500;
        _trouble = problem;
        _watches.SetWanting(_layout.IsShortOfWatches);
        if (_troubles++ % TroublesPerMessage == 0)
        {
            _sink?.Accept(this, new UsageChange
            {
                Before = null,
                After = Accountant.Index.Total,
                Limit = Accountant.Limit?.Limit,
                Action = LedgerAction.Failed,
                Problem = problem + "; the mailbox is not followed meanwhile, tried again by itself",
            });
        }

        // A mailbox watched in part is of no use; with its watches another one can be followed whole.
        if (_layout.IsShortOfWatches)
            LetGo();
    }
}
