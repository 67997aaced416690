using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>
/// A mailbox that is followed: whose, where, and either a <see cref="Mailbox"/> at work or, at rest, the bytes that one
/// is made from when something happens. What never changes may be asked on any thread, the rest is the worker's.
/// </summary>
internal sealed class FollowedMailbox(int id, string user, MailboxDirectory directory, MailboxWorker worker)
{
    // A Mailbox, or byte[] at rest; null before it is opened. One field: nearly all mailboxes are at rest.
    private object? _state;

    public int Id => id;

    public string User => user;

    public MailboxDirectory Directory => directory;

    public MailboxWorker Worker => worker;

    /// <summary>See <see cref="Mailbox.Roots"/>.</summary>
    public IFolderRoots? Roots { get; set; }

    /// <summary>See <see cref="Mailbox.IsPolled"/>.</summary>
    public bool IsPolled { get; set; }

    /// <summary>
    /// Events were lost, and <see cref="Mailbox.Reopen"/> is to come: until then nothing is known and nothing is
    /// decided.
    /// </summary>
    public bool HasLostEvents { get; set; }

    public bool IsAtRest => _state is byte[];

    /// <summary>The mailbox at work: the one there is, or one made from what was kept of it. Touches no disk.</summary>
    public Mailbox AtWork()
    {
        if (_state is Mailbox mailbox)
            return mailbox;
        mailbox = new Mailbox(this, worker.Options);
        if (_state is byte[] kept)
        {
            mailbox.Unpack(kept);
            worker.Woke();
        }

        _state = mailbox;
        return mailbox;
    }

    /// <summary>Puts the mailbox to rest; <see cref="Mailbox.MayRest"/> has to hold.</summary>
    public void Rest(PackedWriter writer)
    {
        writer.Clear();
        AtWork().Pack(writer);
        _state = writer.ToArray();
    }

    /// <summary>Whether this is the object that is at work, and not one from before a rest.</summary>
    public bool Is(Mailbox mailbox) => ReferenceEquals(_state, mailbox);
}
