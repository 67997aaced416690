using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// What an earlier run knew of one mailbox: usage by directory, good while its change time is the same.
/// </summary>
internal sealed class RememberedUsage
{
    private readonly Dictionary<ulong, (long Stamp, Usage Usage, UnsizedMessages? Unsized)> _directories = [];

    /// <summary>Directories that had not changed.</summary>
    public int Taken { get; private set; }

    /// <param name="identity">See <see cref="DirectoryPlace.Identity"/>.</param>
    /// <param name="stamp">See <see cref="DirectoryPlace.Stamp"/>.</param>
    /// <param name="usage">What the directory held then.</param>
    /// <param name="unsized">The messages among them whose names do not say their size.</param>
    public void Add(ulong identity, long stamp, Usage usage, UnsizedMessages? unsized) =>
        _directories[identity] = (stamp, usage, unsized);

    /// <summary>The usage of a directory if it has not changed; given once.</summary>
    public bool TryTake(ulong identity, long stamp, out Usage usage, out UnsizedMessages? unsized)
    {
        var known = _directories.Remove(identity, out var remembered) && remembered.Stamp == stamp;
        Taken += known ? 1 : 0;
        (usage, unsized) = known ? (remembered.Usage, remembered.Unsized) : (default, null);
        return known;
    }
}
