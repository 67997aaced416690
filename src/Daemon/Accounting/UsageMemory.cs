using System.Text;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.State;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>What is remembered of mailboxes from one run to the next. Of one worker.</summary>
internal sealed class UsageMemory
{
    private readonly TotalsStore _store;
    private readonly SavedMailboxWriter _writer;
    private readonly CountingPolicy _policy;
    private readonly ulong _fingerprint;
    private volatile int _recalled;

    /// <param name="store">Shared by all workers.</param>
    /// <param name="policy">What was counted by another one is not believed.</param>
    public UsageMemory(TotalsStore store, CountingPolicy policy)
    {
        (_store, _policy) = (store, policy);
        _writer = new SavedMailboxWriter(store.NameKey);
        _fingerprint = store.NameKey.Of(Encoding.UTF8.GetBytes(policy.ToString()));
    }

    /// <summary>Directories that did not have to be counted.</summary>
    public int Recalled => _recalled;

    /// <summary>A mailbox has been opened with what was remembered of it.</summary>
    public void Used(RememberedUsage remembered) => _recalled += remembered.Taken;

    /// <summary>What an earlier run knew of a mailbox; null when nothing, or nothing to be believed.</summary>
    public RememberedUsage? Of(Mailbox mailbox)
    {
        var directory = mailbox.Directory;
        // What lies inside a message directory is found by reading it.
        if (_policy.SubdirectoriesAsFolders || _store.Load(directory.Device, directory.Inode) is not { } bytes
            || !SavedMailbox.TryRead(_store.NameKey, bytes, out var saved)
            || (saved.Device, saved.Inode, saved.Policy) != (directory.Device, directory.Inode, _fingerprint))
            return null;
        var remembered = new RememberedUsage();
        var directories = saved.Directories;
        while (directories.TryNext(out var known))
        {
            UnsizedMessages? unsized = null;
            var messages = known.Unsized;
            while (messages.TryNext(out var name, out var size))
                (unsized ??= new UnsizedMessages()).Set(name, size, out _);
            remembered.Add(known.Identity, known.Stamp, known.Usage, unsized);
        }

        return remembered;
    }

    /// <summary>What is remembered of a mailbox is believed no more.</summary>
    public void Forget(Mailbox mailbox) => _store.Forget(mailbox.Directory.Device, mailbox.Directory.Inode);

    /// <summary>Waits until there is room again.</summary>
    public void Flush() => _store.Flush();

    /// <summary>Remembers the directories whose totals are known to fit them.</summary>
    /// <returns>False when there is no room for it now.</returns>
    public bool Keep(Mailbox mailbox)
    {
        var directory = mailbox.Directory;
        _writer.Begin(directory.Device, directory.Inode, mailbox.Now.UnixSeconds, _fingerprint);
        foreach (var known in mailbox.Accountant.Index.All())
        {
            if (known.Place.Stamp <= 0 || known.Usage is not { Bytes: >= 0 and < long.MaxValue, Messages: >= 0 })
                continue;
            // A link made elsewhere changes what these weigh, and not the directory.
            if (known.Unsized is not null && _policy.DivideByLinks)
                continue;
            _writer.Add(known.Place.Identity, known.Place.Stamp, known.Usage, known.Unsized?.Count ?? 0);
            foreach (var (name, size) in known.Unsized?.All() ?? [])
                _writer.AddUnsized(name, size);
        }

        return _store.Save(directory.Device, directory.Inode, _writer.End());
    }
}
