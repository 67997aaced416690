using System.Globalization;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Cli.Bench;

/// <summary>
/// The scratch store: a directory of its own with a mark in it, below it one fresh directory a run. Disposing deletes
/// all of it.
/// </summary>
internal sealed class BenchStore : IDisposable
{
    private const string Mark = ".maildir-quota-watcher-bench";
    private const string Runs = "run-";

    private const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string _directory;
    private readonly bool _deleteDirectory;

    private BenchStore(string directory, bool deleteDirectory)
    {
        _directory = directory;
        _deleteDirectory = deleteDirectory;
        // A directory in which much was deleted is slow for a while: each run has a fresh one.
        Root = Path.Combine(directory, Runs + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(Root);
    }

    /// <summary>Holds one directory a mailbox.</summary>
    public string Root { get; }

    public IReadOnlyList<BenchMailbox> Mailboxes { get; private set; } = [];

    /// <summary>Where a <see cref="MailWatch"/> looks for the mailboxes of this store.</summary>
    public Location Location => new(
        BytePath.FromString(Root), [new Match(null), new Match("Maildir"u8.ToArray())], (names, _) => names[0]);

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

    /// <summary>Makes the mailboxes and their messages.</summary>
    public void Fill(BenchOptions options, CancellationToken stop)
    {
        var mailboxes = new BenchMailbox[options.Mailboxes];
        for (var number = 0; number < mailboxes.Length; number++)
        {
            stop.ThrowIfCancellationRequested();
            mailboxes[number] = new BenchMailbox(Root, number);
            mailboxes[number].Fill(options.Folders, options.Messages, stop);
        }

        Mailboxes = mailboxes;
    }

    /// <summary>Mailboxes whose <c>maildirsize</c> is not what lies there.</summary>
    public int CountWrong() =>
        Mailboxes.Count(mailbox => BenchJudge.Ledger(mailbox.Path) != BenchJudge.Truth(mailbox.Path));

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

    private sealed record Match(byte[]? Literal) : INameMatch
    {
        public bool Matches(ReadOnlySpan<byte> name) => Literal is null || name.SequenceEqual(Literal);
    }
}
