using System.Globalization;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>
/// The scratch store: a directory of its own with a mark in it, below it a fresh directory for each phase, since a
/// directory in which much was done or deleted is slow. Nothing is deleted before the end; disposing deletes all of it.
/// </summary>
internal sealed class BenchStore : IDisposable
{
    private const string Mark = ".maildir-quota-watcher-bench";
    private const string Runs = "run-";

    private const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string _directory;
    private readonly bool _deleteDirectory;
    private readonly List<BenchMailbox> _all = [];
    private int _phases;

    private BenchStore(string directory, bool deleteDirectory)
    {
        _directory = directory;
        _deleteDirectory = deleteDirectory;
        Root = FreshRoot();
    }

    /// <summary>Holds one directory for each mailbox of the present phase.</summary>
    public string Root { get; private set; }

    /// <summary>Those of the present phase.</summary>
    public IReadOnlyList<BenchMailbox> Mailboxes { get; private set; } = [];

    /// <summary>Mailboxes of all phases.</summary>
    public int Count => _all.Count;

    /// <summary>Where a <see cref="MailWatch"/> looks for them.</summary>
    public Location Location => LocationOf(Root);

    /// <summary>Makes the directory ready.</summary>
    /// <param name="directory">Absent, empty, or left behind by a bench; null for a temporary one.</param>
    /// <param name="problem">Why null.</param>
    public static BenchStore? Open(string? directory, out string? problem)
    {
        problem = null;
        var isNew = directory is null || !Directory.Exists(directory);
        if (directory is null)
        {
            directory = Directory.CreateTempSubdirectory("maildir-quota-watcher-bench-").FullName;
            // The peers run as another user and must get through.
            File.SetUnixFileMode(directory, Passable);
        }

        var mark = Path.Combine(directory, Mark);
        if (!isNew && !File.Exists(mark) && Directory.EnumerateFileSystemEntries(directory).Any())
        {
            problem = $"{directory}: is not empty, and nothing of bench; name a directory that is absent or empty";
            return null;
        }

        Directory.CreateDirectory(directory);
        File.WriteAllText(mark, "The scratch store of maildir-quota-watcher bench. It may be deleted.\n");
        return new BenchStore(directory, isNew);
    }

    /// <summary>Begins a phase: other mailboxes, fresh ones, with their messages.</summary>
    public void Fill(BenchOptions options, CancellationToken stop)
    {
        foreach (var mailbox in Mailboxes)
            mailbox.Dispose();
        Root = FreshRoot();
        var mailboxes = new BenchMailbox[options.Mailboxes];
        for (var number = 0; number < mailboxes.Length; number++)
        {
            stop.ThrowIfCancellationRequested();
            mailboxes[number] = new BenchMailbox(Root, number);
            mailboxes[number].Fill(options.Folders, options.Messages, sized: true, stop);
        }

        Mailboxes = mailboxes;
        _all.AddRange(mailboxes);
    }

    /// <summary>One mailbox aside, which belongs to no phase.</summary>
    public Location FillAside(int messages, bool sized, CancellationToken stop)
    {
        var root = FreshRoot();
        new BenchMailbox(root, 0).Fill(folders: 0, messages, sized, stop);
        return LocationOf(root);
    }

    /// <summary>A directory of messages to copy into mailboxes of the present phase.</summary>
    public BenchMailbox FillSource(int messages, CancellationToken stop)
    {
        // Its number is in the names, so that they are nobody else's.
        var source = new BenchMailbox(FreshRoot(), Mailboxes.Count);
        source.Fill(folders: 0, messages, sized: true, stop);
        return source;
    }

    /// <summary>Mailboxes of all phases whose <c>maildirsize</c> is not what lies there.</summary>
    public int CountWrong() =>
        _all.Count(mailbox => BenchJudge.Ledger(mailbox.Path) != BenchJudge.Truth(mailbox.Path));

    public void Dispose()
    {
        foreach (var mailbox in Mailboxes)
            mailbox.Dispose();
        foreach (var run in Directory.GetDirectories(_directory, Runs + "*"))
            Directory.Delete(run, recursive: true);
        File.Delete(Path.Combine(_directory, Mark));
        if (_deleteDirectory)
            Directory.Delete(_directory);
    }

    private static Location LocationOf(string root) => new(
        BytePath.FromString(root), [new Match(null), new Match("Maildir"u8.ToArray())], (names, _) => names[0]);

    private string FreshRoot() => Directory.CreateDirectory(Path.Combine(
        _directory,
        string.Create(CultureInfo.InvariantCulture, $"{Runs}{Environment.ProcessId}-{_phases++}"))).FullName;

    private sealed record Match(byte[]? Literal) : INameMatch
    {
        public bool Matches(ReadOnlySpan<byte> name) => Literal is null || name.SequenceEqual(Literal);
    }
}
