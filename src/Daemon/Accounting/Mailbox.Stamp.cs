namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// The times at which the directories' totals were known to fit: what a lost event or a restart is held against.
/// </summary>
internal sealed partial class Mailbox
{
    /// <summary>
    /// When after a change the times of directories are noted: later than they are trusted. Where there is much to
    /// note, so much later that it does not become the main work.
    /// </summary>
    private const long StampMilliseconds = 3000;

    private readonly UsageMemory? _memory;
    private long _stampAt = long.MaxValue;
    private uint _stampFence;
    private List<int>? _stamped;
    private bool _unsaved;

    /// <summary>The totals are known to fit the directories as they are now; that is kept, behind a fence.</summary>
    private void Stamp()
    {
        var index = Accountant.Index;
        _stampAt = long.MaxValue;
        if (!index.IsExact || index.HasSuspects || _stamped is not null)
            return;
        var stamped = new List<int>();
        // Where nobody tells of all changes, only a count knows what belongs to which time.
        if (!IsPolled)
            WithRoot(root => index.HasUnstamped = !_layout.Stamp(root, Now.UnixSeconds, stamped));
        if (stamped.Count == 0)
        {
            Save();
            return;
        }

        _stamped = stamped;
        _stampFence = AskFence();
    }

    /// <summary>No event was under way: what no event has touched since is stamped for good.</summary>
    private void Stamped()
    {
        _stamped = null;
        _stampFence = 0;
        _unsaved = true;
        Save();
    }

    private void Save()
    {
        if (_unsaved && !IsGone)
            _unsaved = _memory?.Keep(this) == false;
    }

    /// <summary>Keeps what is known for sure; the daemon ends.</summary>
    /// <returns>False when nothing can be kept any more.</returns>
    public bool SaveAtEnd()
    {
        Unstamp();
        // What was written in place since then is of another size, and no time of a directory tells.
        _unsaved |= Accountant.Index is { HasUnstamped: true, UnsizedCount: > 0 };
        if (!_unsaved || _memory is null || _memory.Keep(this))
            return true;
        _memory.Flush();
        return _memory.Keep(this);
    }

    /// <summary>Events are lost that may have been under way: what waits for its fence is worth nothing.</summary>
    private void Unstamp()
    {
        foreach (var directory in _stamped ?? [])
            if (Accountant.Index.FolderOf(directory) is not null)
                Accountant.Index.PlaceOf(directory).Stamp = 0;
        _stamped = null;
        _stampFence = 0;
    }

    /// <summary>After every piece of work: something may have to be stamped when it is old enough.</summary>
    private void PlanStamp(Moment now)
    {
        var index = Accountant.Index;
        if (_stampAt == long.MaxValue && _stamped is null && index is { IsExact: true, HasSuspects: false }
            && ((index.HasUnstamped && !IsPolled) || (_unsaved && _memory is not null)))
            _stampAt = now.Milliseconds + StampMilliseconds * (1 + (index.Count + index.UnsizedCount / 16) / 256);
    }
}
