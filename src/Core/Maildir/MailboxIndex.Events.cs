using System.Runtime.InteropServices;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Maildir;

public sealed partial class MailboxIndex
{
    /// <summary>A delivery is renamed into place within this time after its name was made; seconds.</summary>
    private const long FreshSeconds = 300;

    /// <summary>A message that is written in place is complete after this time; seconds.</summary>
    private const long WritingSeconds = 3600;

    private const int MaximumUnfinished = 64;

    private bool _divided;
    private (uint Cookie, int Directory, ulong UniqueName) _movedOut;

    /// <summary>Applies one event of a message directory.</summary>
    /// <returns>True when it may have changed something that counts.</returns>
    public bool Apply(in MaildirEvent change, Moment now)
    {
        ref var tally = ref Find(change.Directory);
        if (IsNone(ref tally))
            return false;
        tally.Place.Stamp = 0;
        HasUnstamped = true;
        var sizing = MessageName.Read(change.Name, policy, out var bytes);
        var name = hash.Of(change.Name);
        if (sizing == MessageSizing.NeedsStat)
            FollowWriting(tally.Id, name, begins: change.Kind == MaildirEventKind.Created, now);

        switch (change.Kind)
        {
            case MaildirEventKind.Deleted:
                SuspectDivided();
                break;
            case MaildirEventKind.MovedOut:
                _movedOut = (change.Cookie, tally.Id, hash.Of(MessageName.UniqueName(change.Name)));
                break;
            case MaildirEventKind.MovedIn:
                if (sizing == MessageSizing.Named && MayReplace(change, tally, name, now))
                {
                    SuspectDivided();
                    if (RecountOf(tally.Id) is null)
                        Suspect(ref tally);
                }

                return Appeared(ref tally, sizing, change.Name, name, bytes);
            case MaildirEventKind.Created:
                return Appeared(ref tally, sizing, change.Name, name, bytes);
            case MaildirEventKind.Written:
                // A name that says its size says it whatever was written.
                return sizing == MessageSizing.NeedsStat && Appeared(ref tally, sizing, change.Name, name, bytes);
            default:
                return false;
        }

        return sizing != MessageSizing.NotCounted
            && Removed(ref tally, name, bytes, sizing == MessageSizing.NeedsStat);
    }

    private bool Appeared(
        ref DirectoryTally tally, MessageSizing sizing, ReadOnlySpan<byte> name, ulong hashed, long bytes)
    {
        if (sizing == MessageSizing.NotCounted)
            return false;
        if (sizing == MessageSizing.NeedsStat)
        {
            var stat = files.Stat(tally.Id, name);
            _divided |= policy.DivideByLinks && stat.Links > 1;
            if (stat.Links > 1 || RecountOf(tally.Id) is not null)
                SuspectDivided();
            if (IsGone(stat) || !policy.TrySize(stat, out bytes))
            {
                // It may have replaced another file's name before it went on.
                SuspectDivided();
                return Removed(ref tally, hashed, 0, unsized: true);
            }
        }

        if (RecountOf(tally.Id) is { } recount)
        {
            recount.HoldPresent(hashed, bytes, sizing == MessageSizing.NeedsStat);
            return true;
        }

        if (sizing == MessageSizing.Named)
        {
            Add(ref tally, bytes, 1);
            fresh.Add(Key(tally, hashed));
            return true;
        }

        if (UnsizedOf(tally.Id) is not { } unsized)
            KeepUnsized(tally.Id, unsized = new UnsizedMessages());
        if (unsized.Set(hashed, bytes, out var before))
        {
            Add(ref tally, bytes - before, 0);
            SuspectDivided();
        }
        else
        {
            Add(ref tally, bytes, 1);
        }

        return true;
    }

    /// <summary>
    /// Made here, and not yet said to be closed: it may grow without a trace in its directory's times. A link made
    /// here is never closed, so only the last few are waited for, and not for ever.
    /// </summary>
    private void FollowWriting(int directory, ulong name, bool begins, Moment now)
    {
        if (!begins)
        {
            _unfinished?.Remove((directory, name));
            return;
        }

        _unfinished ??= [];
        if (_unfinished.Count >= MaximumUnfinished)
            _unfinished.Remove(_unfinished.MinBy(static entry => entry.Value).Key);
        _unfinished[(directory, name)] = now.UnixSeconds;
    }

    private static bool IsGone(MessageStat stat) => !stat.Exists && stat.Kind != EntryKind.SymbolicLink;

    private bool Removed(ref DirectoryTally tally, ulong name, long bytes, bool unsized)
    {
        if (RecountOf(tally.Id) is { } recount)
        {
            recount.HoldAbsent(name, unsized);
            return true;
        }

        // An unsized one that is unknown was gone before anybody could look: never counted, nothing to take away.
        if (unsized && (UnsizedOf(tally.Id) is not { } known || !known.Remove(name, out bytes)))
            return false;
        if (!unsized)
            fresh.Remove(Key(tally, name));
        Add(ref tally, -bytes, -1);
        if (tally.Usage.Messages < 0)
            Suspect(ref tally);
        return true;
    }

    /// <summary>Whether a rename to this name may have replaced a message that was counted.</summary>
    private bool MayReplace(in MaildirEvent change, in DirectoryTally tally, ulong name, Moment now)
    {
        var paired = change.Cookie != 0 && change.Cookie == _movedOut.Cookie;
        var unique = MessageName.UniqueName(change.Name);
        if (paired && Search(_movedOut.Directory) is >= 0 and var source
            && ReferenceEquals(_directories[source].Folder, tally.Folder))
            return hash.Of(unique) != _movedOut.UniqueName;
        if (paired || change.FromOtherMailbox)
            return true;
        var delivered = MessageName.DeliveredAt(change.Name);
        return now.UnixSeconds - delivered is < -FreshSeconds or > FreshSeconds
            || delivered < _countedAt || fresh.Contains(Key(tally, name));
    }

    private ulong Key(in DirectoryTally tally, ulong name) =>
        name ^ (_owner * 0x9e3779b97f4a7c15 + (ulong)tally.Id * 0xc2b2ae3d27d4eb4f);

    /// <summary>
    /// Where sizes are divided by the number of links (Exim), a link that comes or goes changes the size under all
    /// other names of the file, and no event tells which those are.
    /// </summary>
    private void SuspectDivided()
    {
        if (!_divided)
            return;
        foreach (ref var tally in CollectionsMarshal.AsSpan(_directories))
            if (UnsizedOf(tally.Id) is not null || RecountOf(tally.Id) is not null)
                Suspect(ref tally);
    }
}
