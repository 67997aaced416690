using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// Reads the directories of one worker's mailboxes, one 64 KB batch at a time, so that events and timers of the others
/// never wait for a large mailbox.
/// </summary>
internal sealed class MailboxScanner : IDisposable
{
    private readonly LinkedList<Mailbox> _waiting = new();
    private readonly DirectoryReader _reader = new();
    private readonly Func<ReadOnlySpan<byte>, MessageStat> _stat;
    private readonly List<byte[]> _inside = [];
    private Mailbox? _mailbox;
    private int _directory;
    private int _root = -1;
    private int _fd = -1;

    public MailboxScanner() => _stat = name => _mailbox!.StatIn(_fd, name);

    public bool HasWork => _waiting.Count > 0;

    /// <summary>The mailbox that the next slice belongs to.</summary>
    public Mailbox Next => _waiting.First!.Value;

    /// <summary>Asks for every directory that the mailbox's index wants to be read. Restarts one that is being
    /// read.</summary>
    public void Enqueue(Mailbox mailbox)
    {
        if (ReferenceEquals(mailbox, _mailbox))
            Abandon();
        else
            mailbox.ScanNode ??= _waiting.AddLast(mailbox);
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

    /// <summary>Reads one batch.</summary>
    public void Slice(Moment now)
    {
        if (!ReferenceEquals(_mailbox, Next))
            Leave();
        _mailbox = Next;
        if (_fd < 0 && !OpenNext(now))
            return;
        var index = _mailbox.Accountant.Index;
        if (_reader.ReadBatch(out var errno))
        {
            var inside = index.Policy.SubdirectoriesAsFolders;
            while (_reader.Next(out var name, out var type))
            {
                index.Saw(_directory, name, _stat);
                if (inside && type == DirectoryReader.DT_DIR)
                    _inside.Add(name.ToArray());
            }

            return;
        }

        Files.Close(_fd);
        _fd = -1;
        if (errno.IsError)
        {
            _mailbox.CannotScan(_directory, errno, now);
            return;
        }

        index.ScanDone(_directory);
        foreach (var name in _inside)
            _mailbox.FoundInside(_directory, name);
        _inside.Clear();
    }

    public void Dispose()
    {
        Abandon();
        Leave();
        _reader.Dispose();
    }

    /// <returns>False when there is nothing to read for now.</returns>
    private bool OpenNext(Moment now)
    {
        var mailbox = _mailbox!;
        _directory = mailbox.Accountant.Index.NextToScan();
        if (_directory == 0)
        {
            _waiting.RemoveFirst();
            mailbox.ScanNode = null;
            Leave();
            mailbox.Scanned();
            return false;
        }

        // The root stays open from one of its directories to the next.
        if (_root < 0)
            _root = mailbox.Directory.Open(out _);
        _fd = mailbox.BeginScan(_root, _directory, out var errno);
        if (_fd < 0)
        {
            mailbox.CannotScan(_directory, errno, now);
            return false;
        }

        _reader.Attach(_fd);
        return true;
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
