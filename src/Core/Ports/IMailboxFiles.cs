using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Ports;

/// <summary>
/// One mailbox on disk, as its accountant needs it. Called by the one worker that owns the mailbox; nothing here
/// throws for what a mailbox owner or another program may have done: it comes back as a value.
/// </summary>
public interface IMailboxFiles
{
    /// <summary>Looks at one entry of a message directory, following links. Gone is an answer, not an error.</summary>
    /// <param name="directory">Id given by <see cref="MailboxIndex.AddDirectory"/>.</param>
    /// <param name="name">Entry name, bytes.</param>
    MessageStat Stat(int directory, ReadOnlySpan<byte> name);

    /// <summary>Opens, reads and closes <c>maildirsize</c>.</summary>
    LedgerReading ReadLedger();

    /// <summary>Appends one line, if the ledger is still the one that was read.</summary>
    /// <param name="seen">The reading on which the delta was decided.</param>
    /// <param name="delta">What is missing.</param>
    /// <param name="insist">Write even when another program keeps the file open.</param>
    LedgerWrite Append(LedgerReading seen, UsageDelta delta, bool insist);

    /// <summary>Replaces the ledger by rename, if it is still the one that was read.</summary>
    /// <param name="seen">The reading on which the replacement was decided.</param>
    /// <param name="header">First line without LF.</param>
    /// <param name="usage">The fresh count.</param>
    /// <param name="insist">Write even when another program keeps the file open.</param>
    LedgerWrite Replace(LedgerReading seen, ReadOnlySpan<byte> header, Usage usage, bool insist);

    /// <summary>
    /// Begins the count of every directory that is not proved to be as it was when it was counted, as by its change
    /// time.
    /// </summary>
    void Recheck();

    /// <summary>
    /// Asks for a fresh count of every directory whose recount the index has begun. Answered, after a fence, by
    /// <see cref="MailboxAccountant.Counted"/>.
    /// </summary>
    void Count();

    /// <summary>Asks to be told, by <see cref="MailboxAccountant.FencePassed"/>, when all events until now are
    /// in.</summary>
    void Fence();

    /// <summary>Whether some <c>tmp/</c> of the mailbox holds a file that is being written: a delivery under
    /// way.</summary>
    bool DeliveryInProgress();

    /// <summary>Counts the mailbox once by another policy, to explain a difference. Null when it cannot be
    /// read.</summary>
    Usage? CountBy(CountingPolicy policy);
}
