using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// Reads the directories of one worker's mailboxes, one 64 KB batch at a time, so that events and timers of the others
/// never wait for a large mailbox; in the background at the pace that the administrator allows, and at full speed what
/// he asks for.
/// </summary>
/// <param name="pace">Shared by all workers.</param>
/// <param name="crew">Helps where names do not say the size; shared by all workers.</param>
internal sealed class MailboxScanner(ScanPace pace, StatCrew crew) : IDisposable
{
    private readonly LinkedList<Mailbox> _waiting = new();
    private readonly MessageReader _reader = new(crew);
    private readonly DirectoryReader _small = new();
    private readonly List<byte[]> _inside = [];
    private Mailbox? _mailbox;
    private int _directory;
    private int _root = -1;
    private int _fd = -1;

    public bool HasWork => _waiting.Count > 0;

    /// <summary>The mailbox that the next slice belongs to.</summary>
    public Mailbox Next => _waiting.First!.Value;

    /// <summary>When the next slice may be read, monotonic milliseconds; <c>long.MaxValue</c> without work.</summary>
    public long DueAt => !HasWork ? long.MaxValue : IsUrgent(Next) ? 0 : pace.DueAt;

    public StatCrew Crew => crew;

    /// <summary>
    /// Asks for every directory that the mailbox's index wants to be read. Restarts one that is being read. What an
    /// administrator asks for does not queue behind the background.
    /// </summary>
    public void Enqueue(Mailbox mailbox)
    {
        if (ReferenceEquals(mailbox, _mailbox))
        {
            Abandon();
            return;
        }

        var first = pace.IsBackground && IsUrgent(mailbox);
        if (mailbox.ScanNode is { } node)
        {
            if (!first)
                return;
            _waiting.Remove(node);
        }

        if (first)
        {
            Abandon();
            Leave();
        }

        mailbox.ScanNode = first ? _waiting.AddFirst(mailbox) : _waiting.AddLast(mailbox);
    }

    public void Cancel(Mailbox mailbox)
    {
        if (ReferenceEquals(mailbox, _mailbox))
        {
            Abandon();
            Leave();
        }

        if (mailbox.ScanNode is { } node)
            _waiting.Remove(node);
        mailbox.ScanNode = null;
    }

    /// <summary>
    /// Reads a directory that has just been opened for another reason, if that is quickly done: most are small.
    /// </summary>
    /// <param name="index">Waits for the count of it.</param>
    /// <param name="directory">Its id there.</param>
    /// <param name="fd">Open, nothing read yet.</param>
    /// <param name="stamp">See <see cref="MailboxIndex.ScanBegins"/>.</param>
    public void ReadAtOnce(MailboxIndex index, int directory, int fd, long stamp)
    {
        if (pace.PerSecond > 0)
            return;
        index.ScanBegins(directory, stamp);
        _small.Attach(fd);
        var more = _small.ReadBatch(out var errno);
        var simple = errno.IsOk;
        while (more && simple && _small.Next(out var name, out _))
            simple = index.Saw(directory, name);
        if (simple && (!more || (!_small.ReadBatch(out errno) && errno.IsOk)))
            index.ScanDone(directory);
        else
            index.BeginCount(directory);
    }

    /// <summary>Reads one batch.</summary>
    public void Slice(Moment now)
    {
        if (!ReferenceEquals(_mailbox, Next))
            Leave();
        var mailbox = _mailbox = Next;
        if (_fd < 0 && (_directory = mailbox.Accountant.Index.NextToScan()) == 0)
        {
            _waiting.RemoveFirst();
            mailbox.ScanNode = null;
            Leave();
            mailbox.Scanned();
            return;
        }

        if (Read(mailbox, now, out var errno))
            return;
        if (_fd >= 0)
            Files.Close(_fd);
        _fd = -1;
        if (errno.IsError)
        {
            mailbox.CannotScan(_directory, errno, now);
            return;
        }

        mailbox.Accountant.Index.ScanDone(_directory);
        foreach (var name in _inside)
            mailbox.FoundInside(_directory, name);
        _inside.Clear();
    }

    public void Dispose()
    {
        Abandon();
        Leave();
        _reader.Dispose();
        _small.Dispose();
    }

    private static bool IsUrgent(Mailbox mailbox) => mailbox.Accountant.IsForced;

    private bool Read(Mailbox mailbox, Moment now, out Errno errno)
    {
        if (IsUrgent(mailbox))
            return ReadBatch(mailbox, out errno) > 0;
        var usual = pace.EnterIdle();
        try
        {
            var cost = ReadBatch(mailbox, out errno);
            pace.Spend(Math.Max(cost, ScanPace.LeastCost), now.Milliseconds);
            return cost > 0;
        }
        finally
        {
            usual?.Enter();
        }
    }

    /// <summary>Reads one batch, of the directory that is open or of the next.</summary>
    /// <returns>Its entries, and one; 0 at the end of the directory, or when it cannot be read.</returns>
    private int ReadBatch(Mailbox mailbox, out Errno errno)
    {
        if (_fd < 0)
        {
            // The root stays open from one of its directories to the next.
            if (_root < 0)
                _root = mailbox.Directory.Open(out _);
            _fd = mailbox.BeginScan(_root, _directory, out errno);
            if (_fd < 0)
                return 0;
            _reader.Attach(_fd, mailbox.Directory.Owner);
        }

        if (!_reader.ReadBatch(out errno))
            return 0;
        var index = mailbox.Accountant.Index;
        var inside = index.Policy.SubdirectoriesAsFolders;
        var entries = 1;
        while (_reader.Next(out var name, out var type))
        {
            entries++;
            if (!index.Saw(_directory, name))
                _reader.Ask();
            if (inside && type == DirectoryReader.DT_DIR)
                _inside.Add(name.ToArray());
        }

        _reader.Look();
        for (var i = 0; i < _reader.Count; i++)
            index.Saw(_directory, _reader.Found(i, out var stat), stat);
        return entries;
    }

    private void Leave()
    {
        if (_root >= 0)
            Files.Close(_root);
        _root = -1;
        _mailbox = null;
    }

    private void Abandon()
    {
        if (_fd < 0)
            return;
        Files.Close(_fd);
        _fd = -1;
        _inside.Clear();
        _mailbox!.Accountant.Index.BeginCount(_directory);
    }
}
