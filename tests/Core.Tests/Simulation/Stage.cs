using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing.Simulation;

namespace MaildirQuotaWatcher.Core.Tests.Simulation;

/// <summary>Plays a story to a daemon on a simulated disk.</summary>
internal sealed class Stage
{
    private readonly CountingPolicy _policy;
    private readonly ConfiguredLimit? _limit;
    private readonly bool _named;
    private readonly ForeignWriter _writer;
    private readonly AccountantOptions _options;
    private IFolderRoots _roots;
    private int _seed;

    public Stage(
        Story story, ConfiguredLimit? limit = null, CountingPolicy? policy = null, bool observe = false,
        string? ledger = "100000000S\n0 0\n")
    {
        (_limit, _seed, _named, _policy) = (limit, story.Seed, story.Named, policy ?? CountingPolicy.MaildirPlusPlus);
        _roots = _policy;
        Disk = new SimulatedDisk(["", ".Sent", ".Trash"], ledger);
        _writer = new ForeignWriter(Disk, _policy);
        _options = new AccountantOptions { Policy = _policy, Observe = observe };
        Mailbox = new SimulatedMailbox(Disk, _options, limit, _seed);
    }

    public SimulatedDisk Disk { get; }

    public SimulatedMailbox Mailbox { get; private set; }

    /// <summary>Writes of all daemons, one after the other.</summary>
    public List<DaemonWrite> Writes { get; } = [];

    public Usage Truth => TruthOf(0);

    /// <summary>What a quota root holds by the rules now in force.</summary>
    public Usage TruthOf(int root) => Disk.Count(_policy, _roots, root);

    public Usage? Told => Disk.Ledger?.Parsed.Usage;

    /// <summary>Plays everything, and waits until the last of it is over.</summary>
    public void Play(Story story)
    {
        Mailbox.Run(1000);
        foreach (var operation in story.Operations)
        {
            Disk.Schedule(0, () => Do(operation));
            if (operation.Deed == Deed.Restart)
                Restart();
            if (operation.Gap != Story.NoGap)
                Mailbox.Run(operation.Gap);
        }

        while (Disk.NextActionAt is { } at)
            Mailbox.Run(Math.Max(0, at - Disk.Milliseconds));
    }

    public void Restart()
    {
        Writes.AddRange(Mailbox.Writes);
        Mailbox = new SimulatedMailbox(Disk, _options, _limit, ++_seed, _roots);
    }

    public List<DaemonWrite> AllWrites() => [.. Writes, .. Mailbox.Writes];

    private void Do(Operation operation)
    {
        var to = Disk.Directories[operation.A % Disk.Directories.Count];
        var other = Disk.Directories[operation.B % Disk.Directories.Count];
        // Like sizes on purpose: equal drifts are the ones that deceive.
        var (bytes, window) = (1000 + operation.A % 2, operation.B);
        var entry = Pick(to, operation.B);
        switch (operation.Deed)
        {
            case Deed.LineFirst: _writer.DeliverLineFirst(to, bytes, window, named: _named); break;
            case Deed.LineFirstHeldOpen: _writer.DeliverLineFirst(to, bytes, 8 * window, holdsOpen: true); break;
            case Deed.LineFirstAborted: _writer.DeliverLineFirst(to, bytes, window, aborted: true); break;
            case Deed.MessageFirst: _writer.DeliverMessageFirst(to, bytes, window, named: _named); break;
            case Deed.MessageFirstOrphan: _writer.DeliverMessageFirst(to, bytes, window, orphan: true); break;
            case Deed.Drop: _writer.Drop(to, bytes, window, _named); break;
            case Deed.Rebuild: _writer.Rebuild(_policy, "100000000S"); break;
            case Deed.DeleteLedger: Disk.DeleteLedger(); break;
            case Deed.Garbage: Disk.OverwriteLedger("100000000S\n" + Rubbish[operation.A % Rubbish.Length]); break;
            case Deed.ChangeHeader: Disk.OverwriteLedger($"{100_000_000 + operation.B % 2}S\n5 5\n"); break;
            case Deed.AddFolder: Disk.AddFolder($".New{operation.A % 3}"); break;
            case Deed.RemoveFolder: Disk.RemoveFolder($".New{operation.A % 3}"); break;
            case Deed.Overflow: Disk.Overflow(); break;
            case Deed.ChangeRules: Mailbox.SetRoots(_roots = Rules[operation.A % Rules.Length] ?? _policy); break;
            default: DoTo(operation.Deed, entry, to, other, window); break;
        }
    }

    private void DoTo(Deed deed, SimulatedEntry? entry, SimulatedDirectory at, SimulatedDirectory to, int window)
    {
        if (entry is null)
            return;
        var unique = entry.Name.Split(':')[0];
        switch (deed)
        {
            case Deed.Expunge: _writer.Expunge(at, entry, window); break;
            case Deed.Remove: Disk.Unlink(at, entry.Name); break;
            case Deed.Flag: RenameFlags(at, entry, unique + ":2,S"); break;
            case Deed.FlagTrashed: RenameFlags(at, entry, unique + ":2,ST"); break;
            case Deed.MoveElsewhere: Disk.Rename(at, entry.Name, to, entry.Name); break;
            case Deed.RenameOnto when Pick(to, window) is { } target && !HidesALink(entry, target.Name):
                Disk.Rename(at, entry.Name, to, target.Name);
                break;
            case Deed.Link when !to.Entries.ContainsKey(unique + "x"):
                entry.File.Links++;
                Disk.Create(to, unique + "x", entry.File);
                break;
            case Deed.Rewrite:
                entry.File.Bytes += 7;
                Disk.CloseWritten(entry.File);
                break;
        }
    }

    // Who believes names does not look how many links a file has whose new name says its size.
    private static bool HidesALink(SimulatedEntry entry, string name) => entry.File.Links > 1
        && name.Contains(",S=", StringComparison.Ordinal) && !entry.Name.Contains(",S=", StringComparison.Ordinal);

    // A second name that differs in flags only is nobody's doing; a rename onto it is not told from a change of flags.
    private void RenameFlags(SimulatedDirectory at, SimulatedEntry entry, string name)
    {
        if (!at.Entries.ContainsKey(name))
            Disk.Rename(at, entry.Name, at, name);
    }

    private static readonly IFolderRoots?[] Rules =
        [null, new FolderTable((".Sent", -1)), new FolderTable((".Sent", 2), (".New1", 1)), new FolderTable((".New0", 2))];

    private static readonly string[] Rubbish =
        ["", "12", "x y\n", "-5 -5\n", "5 5\n\n", "1 1\r\n", new string('1', 5200), "7 7\n"];

    private static SimulatedEntry? Pick(SimulatedDirectory from, int which) =>
        from.Entries.Count == 0 ? null : from.Entries.Values.ElementAt(which % from.Entries.Count);
}
