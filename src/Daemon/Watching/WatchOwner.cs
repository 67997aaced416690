namespace MaildirQuotaWatcher.Watching;

/// <summary>Whom the events of one watch go to. 8 bytes: there is one for each of maybe a million watches.</summary>
/// <param name="Mailbox">Id of the mailbox, never used twice; see <see cref="WorkerOf"/>.</param>
/// <param name="Directory">0: the mailbox's root; above: a message directory; below: a folder being completed.</param>
internal readonly record struct WatchOwner(int Mailbox, int Directory)
{
    /// <summary>Index of the worker that has the mailbox. Ids are given so that this holds.</summary>
    public static int WorkerOf(int mailbox, int workers) => (int)((uint)mailbox % (uint)workers);
}
