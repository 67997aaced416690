namespace MaildirQuotaWatcher.Watching;

/// <summary>Whom the events of one watch go to.</summary>
/// <param name="Worker">Index of the worker.</param>
/// <param name="Mailbox">Id of the mailbox, never used twice.</param>
/// <param name="Directory">0: the mailbox's root; above: a message directory; below: a folder being completed.</param>
internal readonly record struct WatchOwner(int Worker, int Mailbox, int Directory);
