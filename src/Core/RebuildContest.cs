using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher;

/// <summary>
/// Notices that another program keeps rebuilding the ledger to another total, because it counts by another policy, so
/// that the two do not fight for ever.
/// </summary>
internal struct RebuildContest(IMailboxFiles files)
{
    /// <summary>Rounds after which a policy that explains the difference to the byte settles the matter.</summary>
    private const int Explained = 3;

    /// <summary>Rounds after which nothing has to explain it.</summary>
    private const int Unexplained = 10;

    /// <summary>
    /// Counting by the other policies takes as long as a recount and nothing else is done meanwhile, so whoever keeps
    /// rebuilding must not be able to make us do it for ever.
    /// </summary>
    private const int MaximumSearches = 3;

    private LedgerIdentity _seen;
    private int _rounds;
    private byte _searches;
    private bool _hasSeen;

    /// <summary>Null while nobody fights; else what is known about it, for people.</summary>
    public string? Verdict { get; private set; }

    /// <summary>This file is our own.</summary>
    public void WeReplaced(LedgerIdentity identity) => _seen = identity;

    /// <summary>Puts all of it away, while nobody fights; <see cref="Unpack"/> takes it out again.</summary>
    public readonly void Pack(PackedWriter to)
    {
        to.Flags(_hasSeen);
        to.Number(_rounds);
        to.Number(_searches);
        to.Unsigned(_seen.Device);
        to.Unsigned(_seen.Inode);
        to.Number(_seen.Length);
    }

    /// <summary>As it was when <see cref="Pack"/> was called.</summary>
    public void Unpack(ref PackedReader from)
    {
        _hasSeen = from.Flags()[0];
        (_rounds, _searches) = ((int)from.Number(), (byte)from.Number());
        _seen = new LedgerIdentity(from.Unsigned(), from.Unsigned(), from.Number());
    }

    /// <summary>We count by other rules now: a new start.</summary>
    public void Forget() => (Verdict, _rounds, _searches) = (null, 0, 0);

    /// <summary>Looks at a settled reading of the ledger.</summary>
    /// <param name="reading">What was read just now.</param>
    /// <param name="index">What the mailbox holds.</param>
    public void Observe(LedgerReading reading, MailboxIndex index)
    {
        if (reading.Ledger is not { Usage: { } used })
            return;
        var rebuilt = !reading.Identity.IsSameFile(_seen) && _hasSeen;
        _seen = reading.Identity;
        _hasSeen = true;

        if (used == index.Total)
        {
            Verdict = null;
            if (rebuilt)
                _rounds = 0;
        }
        else if (rebuilt && ++_rounds >= Explained && Verdict is null)
        {
            Verdict = Search(used, index) ?? Unexplainable(used, index.Total);
        }
    }

    private string? Search(Usage used, MailboxIndex index)
    {
        if (_searches >= MaximumSearches)
            return null;
        _searches++;
        var ours = index.Policy;
        if (index.HasFolderRules && files.CountBy(ours) == used)
        {
            return $"another program keeps rebuilding maildirsize to {used}; by the folder rules set here it is "
                + $"{index.Total}. Counting without them explains the difference: give that program the same rules, or "
                + "take them away here. Left alone until they agree";
        }

        foreach (var policy in CountingPolicy.All)
            if (policy != ours && files.CountBy(policy) == used)
            {
                return $"another program keeps rebuilding maildirsize to {used}; by {ours.Name} it is {index.Total}. "
                    + $"{Explain(policy, ours)}. Left alone until they agree";
            }

        return null;
    }

    private static string Explain(CountingPolicy theirs, CountingPolicy ours) => theirs.Name == ours.Name
        ? "Believing the sizes in message names explains the difference: set trust_names = yes, or make that program "
            + "ask the disk"
        : $"Counting as {theirs.Name} does explains the difference: set counting = {theirs.Name}, or make that program "
            + $"count as {ours.Name}";

    private readonly string? Unexplainable(Usage used, Usage truth) =>
        _rounds < Unexplained
            ? null
            : $"another program has rebuilt maildirsize {_rounds} times to a total other than {truth}, last to {used}, "
                + "and no known counting policy explains it. Left alone until they agree";
}
