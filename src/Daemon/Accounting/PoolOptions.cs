using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Accounting;

/// <summary>What all mailboxes of a pool share.</summary>
/// <param name="Accounting">Policy, settle time, observe mode.</param>
/// <param name="Hash">Keyed hash, one random key a process.</param>
internal sealed record PoolOptions(AccountantOptions Accounting, NameHash Hash)
{
    /// <summary>Where changes go.</summary>
    public IChangeSink? Sink { get; init; }

    /// <summary>Worker threads; 0 takes one a processor.</summary>
    public int Workers { get; init; }

    /// <summary>Told, on a worker thread, of a mailbox whose root is gone.</summary>
    public Action<Mailbox>? Gone { get; init; }
}
