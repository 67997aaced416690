using System.Runtime.InteropServices;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Maildir;

/// <summary>What is kept of an index at rest; its caller keeps which directory belongs to which folder.</summary>
public sealed partial class MailboxIndex
{
    /// <summary>
    /// True when <see cref="Pack"/> and <see cref="PackDirectory"/> say all there is: nothing is being counted or
    /// written, nothing is suspect, and every name says its size.
    /// </summary>
    public bool MayRest
    {
        get
        {
            if (!IsExact || HasSuspects || _unsized is not null || _unfinished is { Count: > 0 })
                return false;
            foreach (ref readonly var tally in CollectionsMarshal.AsSpan(_directories))
                if (tally.Usage.Messages < 0 || tally.Bytes < 0 || tally.Bytes > long.MaxValue)
                    return false;
            return true;
        }
    }

    /// <summary>Puts away what does not belong to one directory.</summary>
    public void Pack(PackedWriter to)
    {
        to.Flags(HasUnstamped, _divided, _restored);
        to.Number(_nextId);
        to.Unsigned(_owner);
        to.Signed(_countedAt);
        to.Number(_otherRoots);
        if (!HasUnstamped)
            return;
        // Something happened just now: the other half of a rename may be on its way.
        to.Unsigned(_movedOut.Cookie);
        to.Number(_movedOut.Directory);
        to.Unsigned(_movedOut.UniqueName);
    }

    /// <summary>As it was when <see cref="Pack"/> was called, into a new index; then come the directories.</summary>
    public void Unpack(ref PackedReader from)
    {
        var flags = from.Flags();
        (HasUnstamped, _divided, _restored) = (flags[0], flags[1], flags[2]);
        _nextId = (int)from.Number();
        _owner = from.Unsigned();
        _countedAt = from.Signed();
        _otherRoots = (int)from.Number();
        if (HasUnstamped)
            _movedOut = ((uint)from.Unsigned(), (int)from.Number(), from.Unsigned());
    }

    /// <summary>Puts one directory away; its id and folder are for the caller to keep.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="directory">Directory id.</param>
    /// <param name="before">The place of the one put away before, default for the first; those made together take the
    /// least room.</param>
    public void PackDirectory(PackedWriter to, int directory, ref DirectoryPlace before)
    {
        ref var tally = ref Find(directory);
        to.Signed(unchecked((long)(tally.Place.Identity - before.Identity)));
        to.Signed(tally.Place.Stamp - before.Stamp);
        to.Signed(tally.Place.Watch - before.Watch);
        to.Number(tally.Usage.Bytes);
        to.Number(tally.Usage.Messages);
        before = tally.Place;
    }

    /// <summary>Takes out one directory, in the order in which they were put away.</summary>
    public void UnpackDirectory(
        ref PackedReader from, int directory, MaildirFolder folder, ref DirectoryPlace before)
    {
        before = new DirectoryPlace
        {
            Identity = unchecked(before.Identity + (ulong)from.Signed()),
            Stamp = before.Stamp + from.Signed(),
            Watch = (int)(before.Watch + from.Signed()),
        };
        var tally = new DirectoryTally(directory, folder) { Place = before };
        Set(ref tally, from.Number(), from.Number());
        _directories.Add(tally);
    }

    /// <summary>After the last <see cref="UnpackDirectory"/>.</summary>
    public void Unpacked() => _directories.Sort(static (one, other) => one.Id.CompareTo(other.Id));
}
