using System.Text;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Testing.Simulation;

/// <summary>
/// The daemon's side of one mailbox on a <see cref="SimulatedDisk"/>: an accountant, and around it what worker, mailbox
/// and scanner of the daemon do, call for call, in an order that a seed decides. It rests whenever it may, so that
/// whatever happens next happens to an accountant made again.
/// </summary>
public sealed class SimulatedMailbox : IMailboxFiles, IUsageListener
{
    private readonly SimulatedDisk _disk;
    private readonly AccountantOptions _options;
    private readonly FreshNames _fresh = new(1024);
    private readonly PackedWriter _packed = new();
    private readonly Random _random;
    private readonly Dictionary<SimulatedDirectory, int> _ids = [];
    private readonly Dictionary<string, MaildirFolder> _folders = [];
    private IFolderRoots _roots;
    private SimulatedScan? _scan;
    private bool _scanWanted;
    private long _lastTicket;
    private long _decisionFence;

    public SimulatedMailbox(
        SimulatedDisk disk, AccountantOptions options, ConfiguredLimit? limit, int seed, IFolderRoots? roots = null)
    {
        (_disk, _options, _random, _roots) = (disk, options, new Random(seed), roots ?? options.Policy);
        _disk.Queue.Clear();
        _disk.HasOverflowed = false;
        Accountant = NewAccountant(limit);
        ExamineFolders();
        Accountant.DirectoriesChanged(_disk.Now);
    }

    /// <summary>Another one after each rest.</summary>
    public MailboxAccountant Accountant { get; private set; }

    /// <summary>How often the mailbox has been at rest.</summary>
    public int Rests { get; private set; }

    public List<DaemonWrite> Writes { get; } = [];

    public List<UsageChange> Changes { get; } = [];

    /// <summary>Times a whole or partial count was asked for.</summary>
    public int Counts { get; private set; }

    /// <summary>Counts by another policy.</summary>
    public int CountsByOthers { get; private set; }

    /// <summary>When not null, every write fails with this.</summary>
    public string? Broken { get; set; }

    /// <summary>The next fence that a decision waits for never comes: it is among the events that are lost.</summary>
    public bool LosesNextFence { get; set; }

    /// <summary>What another program does right after each write of the daemon.</summary>
    public Action? AfterWrite { get; set; }

    /// <summary>Other folder rules are in force from now on.</summary>
    public void SetRoots(IFolderRoots roots)
    {
        _roots = roots;
        foreach (var (name, folder) in _folders.ToArray())
            _folders[name] = folder with { Root = roots.RootOf(folder.Name) };
        if (Accountant.Index.Reassign(folder => _folders[Encoding.Latin1.GetString(folder.Name)]))
            Accountant.RulesChanged(_disk.Now);
    }

    /// <summary>Lets so much time pass; everything that falls due in it happens, in a random order.</summary>
    public void Run(long milliseconds)
    {
        var end = _disk.Milliseconds + milliseconds;
        while (true)
        {
            if (Step())
            {
                if (Accountant.MayRest)
                    Rest();
                continue;
            }

            var next = Math.Min(Accountant.DueAt, _disk.NextActionAt ?? long.MaxValue);
            if (next > end)
                break;
            _disk.Milliseconds = Math.Max(next, _disk.Milliseconds);
        }

        _disk.Milliseconds = end;
    }

    /// <summary>Lets things happen until nothing is left that is due now.</summary>
    public void Settle() => Run(0);

    public void Accept(UsageChange change) => Changes.Add(change);

    MessageStat IMailboxFiles.Stat(int directory, ReadOnlySpan<byte> name) =>
        _ids.Where(pair => pair.Value == directory).Select(pair => pair.Key).FirstOrDefault() is { } found
        && found.Entries.TryGetValue(Encoding.Latin1.GetString(name), out var entry)
            ? entry.File.Stat
            : new MessageStat(false, EntryKind.Other, 0, 0);

    public LedgerReading ReadLedger() => _disk.Ledger is not { } ledger
        ? new LedgerReading { State = LedgerState.Absent }
        : new LedgerReading
        {
            State = LedgerState.Present,
            Ledger = ledger.Parsed,
            Identity = IdentityOf(ledger),
            Age = TimeSpan.FromSeconds(Math.Max(0, _disk.UnixSeconds - ledger.ModifiedSeconds)),
        };

    LedgerWrite IMailboxFiles.Append(LedgerReading seen, UsageDelta delta, bool insist)
    {
        if (Obstacle(seen, insist) is { } obstacle)
            return obstacle;
        var line = new byte[MaildirSizeFormat.MaximumLine];
        var length = MaildirSizeFormat.FormatLine(delta, line);
        _disk.AppendLedger(_disk.Ledger!, Encoding.Latin1.GetString(line, 0, length));
        return Wrote(replaced: false);
    }

    LedgerWrite IMailboxFiles.Replace(LedgerReading seen, ReadOnlySpan<byte> header, Usage usage, bool insist)
    {
        if (Obstacle(seen, insist) is { } obstacle)
            return obstacle;
        _disk.RebuildLedger($"{Encoding.Latin1.GetString(header)}\n{usage.Bytes} {usage.Messages}\n");
        return Wrote(replaced: true);
    }

    void IMailboxFiles.Recheck() => Accountant.Index.BeginCounts(all: true);

    void IMailboxFiles.Count()
    {
        Counts++;
        _scanWanted = true;
        Abandon();
    }

    void IMailboxFiles.Fence()
    {
        if (!LosesNextFence)
            _decisionFence = AskFence();
        LosesNextFence = false;
    }

    bool IMailboxFiles.DeliveryInProgress() => _disk.DeliveriesInProgress > 0;

    Usage? IMailboxFiles.CountBy(CountingPolicy policy)
    {
        CountsByOthers++;
        return _disk.Count(policy);
    }

    private MailboxAccountant NewAccountant(ConfiguredLimit? limit) =>
        new(_options, limit, new NameHash(1, 2), this, this, _fresh);

    private void Rest()
    {
        Rests++;
        var kept = Pack();
        var from = new PackedReader(kept);
        Accountant = NewAccountant(null);
        Accountant.Unpack(ref from);
        var before = default(DirectoryPlace);
        foreach (var (directory, id) in _ids)
            Accountant.Index.UnpackDirectory(ref from, id, _folders[directory.Folder], ref before);
        Accountant.Index.Unpacked();
        if (!Accountant.MayRest || !Pack().AsSpan().SequenceEqual(kept))
            throw new InvalidOperationException("after a rest the accountant is another one");
    }

    private byte[] Pack()
    {
        _packed.Clear();
        Accountant.Pack(_packed);
        var before = default(DirectoryPlace);
        foreach (var id in _ids.Values)
            Accountant.Index.PackDirectory(_packed, id, ref before);
        return _packed.ToArray();
    }

    private static LedgerIdentity IdentityOf(SimulatedLedger? ledger) =>
        ledger is null ? default : new LedgerIdentity(1, ledger.Inode, ledger.Text.Length);

    private bool Step()
    {
        // Mostly the order of the daemon's loop, sometimes another: between two looks anything may happen.
        var first = _random.Next(6);
        for (var i = 0; i < 4; i++)
            if (Try((first + i) % 4))
                return true;
        return false;
    }

    private bool Try(int what) => what switch
    {
        0 => _disk.RunAction(),
        1 => TakeEvent(),
        2 => Tick(),
        _ => ScanSlice(),
    };

    private bool Tick()
    {
        if (Accountant.DueAt > _disk.Milliseconds)
            return false;
        Accountant.Tick(_disk.Now);
        return true;
    }

    private bool TakeEvent()
    {
        if (_disk.HasOverflowed && _disk.Queue.Count == 0)
        {
            _disk.HasOverflowed = false;
            ExamineFolders();
            Accountant.Index.BeginCounts(all: true);
            Accountant.DirectoriesChanged(_disk.Now);
            return true;
        }

        if (!_disk.Queue.TryDequeue(out var happened))
            return false;
        if (happened.Fence != 0)
        {
            OnFence(happened.Fence);
        }
        else if (happened.FoldersChanged)
        {
            ExamineFolders();
            Accountant.DirectoriesChanged(_disk.Now);
        }
        else if (happened.Directory is null || _ids.ContainsKey(happened.Directory))
        {
            Accountant.Apply(
                new MaildirEvent
                {
                    Kind = happened.Kind,
                    Directory = happened.Directory is { } directory ? _ids[directory] : 0,
                    Name = Encoding.Latin1.GetBytes(happened.Name),
                    Cookie = happened.Cookie,
                },
                _disk.Now);
        }

        return true;
    }

    private void OnFence(long ticket)
    {
        Accountant.Index.FencePassed(ticket);
        if (ticket == _decisionFence)
            Accountant.FencePassed(_disk.Now);
        else if (Accountant.Index.NextToScan() != 0)
            _scanWanted = true;
        else
            Accountant.Counted(_disk.Now);
    }

    private bool ScanSlice()
    {
        if (!_scanWanted)
            return false;
        if (_scan is null)
        {
            OpenNext();
            return true;
        }

        var id = _ids.GetValueOrDefault(_scan.Directory);
        if (_scan.Slice() is { } entries)
        {
            foreach (var entry in entries)
            {
                var name = Encoding.Latin1.GetBytes(entry.Name);
                if (!Accountant.Index.Saw(id, name))
                    Accountant.Index.Saw(id, name, ((IMailboxFiles)this).Stat(id, name));
            }

            return true;
        }

        _scan = null;
        Accountant.Index.ScanDone(id);
        return true;
    }

    private void OpenNext()
    {
        var next = Accountant.Index.NextToScan();
        if (next != 0)
        {
            _scan = new SimulatedScan(_ids.First(pair => pair.Value == next).Key, _random);
            return;
        }

        _scanWanted = false;
        Accountant.Index.MarkFence(AskFence());
    }

    private void Abandon()
    {
        if (_scan is null)
            return;
        if (_ids.TryGetValue(_scan.Directory, out var id))
            Accountant.Index.BeginCount(id);
        _scan = null;
    }

    private long AskFence()
    {
        _disk.Post(new KernelRecord(default, Fence: ++_lastTicket));
        return _lastTicket;
    }

    private void ExamineFolders()
    {
        foreach (var gone in _ids.Keys.Where(known => !_disk.Directories.Contains(known)).ToList())
        {
            Accountant.Index.RemoveDirectory(_ids[gone]);
            _ids.Remove(gone);
        }

        foreach (var directory in _disk.Directories.Where(directory => !_ids.ContainsKey(directory)))
        {
            if (!_folders.TryGetValue(directory.Folder, out var folder))
            {
                var name = Encoding.Latin1.GetBytes(directory.Folder);
                _folders.Add(directory.Folder, folder = MaildirFolder.By(_roots, name));
            }

            directory.IsWatched = true;
            _ids.Add(directory, Accountant.Index.AddDirectory(folder));
        }
    }

    private LedgerWrite? Obstacle(LedgerReading seen, bool insist)
    {
        if (Broken is not null)
            return new LedgerWrite(LedgerOutcome.Failed, Broken);
        if (IdentityOf(_disk.Ledger) != seen.Identity)
            return new LedgerWrite(LedgerOutcome.Changed);
        return _disk.Ledger is { Holders: > 0 } && !insist ? new LedgerWrite(LedgerOutcome.Busy) : null;
    }

    private LedgerWrite Wrote(bool replaced)
    {
        Writes.Add(new DaemonWrite(_disk.Milliseconds, replaced, _disk.Ledger!.Text));
        AfterWrite?.Invoke();
        return new LedgerWrite(LedgerOutcome.Written);
    }
}
