using System.Collections.Concurrent;
using System.Text;
using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Cli;
using MaildirQuotaWatcher.Daemon.Tests.Running;
using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;
using MaildirQuotaWatcher.Testing;
using MaildirQuotaWatcher.Watching;

namespace MaildirQuotaWatcher.Daemon.Tests.Mailboxes;

/// <summary>
/// A live <see cref="MailWatch"/> on some mailboxes, with one more of its own. That one is the fence: all share a worker
/// and a kernel queue, so what was done before it changed has been taken in when its change is reported.
/// </summary>
internal sealed class LiveWatch : IChangeSink, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<(string Mailbox, UsageChange Change)> _changes = new();
    private readonly ConcurrentDictionary<string, UsageChange> _last = new();
    private readonly ScratchDirectory _scratch = new();
    private readonly MailWatch _watch;
    private int _marks;

    public LiveWatch(MailWatchOptions options, params string[] mailboxes)
        : this(options, awaitFirst: true, mailboxes)
    {
    }

    /// <param name="options">Its settle time, workers and sinks are overridden.</param>
    /// <param name="awaitFirst">False where some mailbox is never quiet, and so not judged for a long time.</param>
    /// <param name="mailboxes">Roots.</param>
    public LiveWatch(MailWatchOptions options, bool awaitFirst, params string[] mailboxes)
        : this(options, awaitFirst, mixed: false, mailboxes)
    {
    }

    /// <param name="options">Its settle time, workers and sinks are overridden.</param>
    /// <param name="awaitFirst">False where some mailbox is never quiet.</param>
    /// <param name="mixed">True when not every mailbox can be watched by the source asked for.</param>
    /// <param name="mailboxes">Roots.</param>
    public LiveWatch(MailWatchOptions options, bool awaitFirst, bool mixed, params string[] mailboxes)
    {
        MakeMaildir(FenceMailbox);
        var accounting = options.Accounting with { Settle = TimeSpan.FromMilliseconds(60) };
        var all = options with { Accounting = accounting, Workers = 1, Sinks = [this] };
        _watch = MailWatch.Start(all, out var problem) ?? throw new InvalidOperationException(problem);
        Assert.True(
            _watch.Explore([.. mailboxes.Append(FenceMailbox).Select(Locations.OfMailbox)]).Wait(Limit), "exploring");
        Assert.True(!awaitFirst || _watch.AllSettled().Wait(Limit), "first count");
        if (!mixed)
            Assert.Equal(options.Source == SourceChoice.Fanotify ? _watch.Watches : 0, _watch.FanotifyWatches);
    }

    public MailWatch Watch => _watch;

    /// <summary>Everything reported of a mailbox.</summary>
    public IReadOnlyList<UsageChange> Changes(string mailbox) =>
        [.. _changes.Where(entry => entry.Mailbox == mailbox).Select(entry => entry.Change)];

    public UsageChange? Last(string mailbox) => _last.GetValueOrDefault(mailbox);

    /// <summary>Everything done until now has been taken in and judged, unless it had to be counted again.</summary>
    public void Settle()
    {
        // Twice: what the first look wrote or counted is judged by the second.
        for (var round = 0; round < 2; round++)
        {
            var mark = ++_marks;
            File.WriteAllText(Path.Combine(FenceMailbox, "new", $"1.mark{mark},S=1"), "");
            WaitFor(() => Last(FenceMailbox)?.After.Messages == mark, () => $"the fence {mark} never came through");
        }
    }

    /// <summary>
    /// Holds the worker up until it is disposed of: what is done meanwhile is one change to it, however long that takes.
    /// Where the lines of the ledger matter, for else a slow machine has one line more.
    /// </summary>
    public IDisposable Hold()
    {
        var gate = new Gate();
        _watch.Repeat(gate);
        Assert.True(gate.Reached.Wait(Limit), "the worker does not come");
        return gate;
    }

    /// <summary>Waits until the mailbox holds that and its ledger, if there is one, says so.</summary>
    public void WaitUntil(string mailbox, Usage usage)
    {
        WaitFor(
            () => Last(mailbox)?.After == usage && LedgerUsage(mailbox) is var used && (used is null || used == usage),
            () => $"{mailbox}: expected {usage}, is {Last(mailbox)}, ledger [{LedgerText(mailbox)}]");
    }

    /// <summary>Waits for a reported problem with these words.</summary>
    public void WaitForProblem(string mailbox, params string[] words) => WaitFor(
        () => Changes(mailbox).Any(change => words.All(word => change.Problem?.Contains(word) == true)),
        () => $"{mailbox}: nobody said {string.Join(", ", words)}: {string.Join("\n", Changes(mailbox))}");

    public static void WaitFor(Func<bool> holds, Func<string> otherwise) => Poll.Until(holds, otherwise);

    /// <summary>What a mailbox holds, counted anew.</summary>
    public static Usage TruthOf(string mailbox)
    {
        var directory = MailboxDirectory.Find(BytePath.FromString(mailbox), followLinks: false, out _)!;
        var root = directory.Open(out _);
        var truth = new MailboxCounter(CountingPolicy.MaildirPlusPlus, root, directory.Owner).Total()!.Value;
        Files.Close(root);
        return truth;
    }

    /// <summary>Writes a message in place.</summary>
    public static void Write(string mailbox, string name, int length) =>
        File.WriteAllBytes(Path.Combine(mailbox, name), new byte[length]);

    /// <summary>What the ledger says; null when there is none that can be read.</summary>
    public static Usage? LedgerUsage(string mailbox)
    {
        var content = LedgerBytes(mailbox, out var length);
        return content is null ? null : MaildirSizeFormat.Parse(content, length).Usage;
    }

    public static string LedgerText(string mailbox)
    {
        var content = LedgerBytes(mailbox, out _);
        return content is null ? "none" : Encoding.UTF8.GetString(content).Replace("\n", "\\n", StringComparison.Ordinal);
    }

    /// <summary>The first bytes of the ledger, which may have any length; null when there is none.</summary>
    private static byte[]? LedgerBytes(string mailbox, out long length)
    {
        length = 0;
        var path = Path.Combine(mailbox, "maildirsize");
        if (!File.Exists(path))
            return null;
        try
        {
            using var file = File.OpenRead(path);
            length = file.Length;
            var content = new byte[Math.Min(length, 64 << 10)];
            return content[..file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)];
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    public static void MakeMaildir(string path)
    {
        foreach (var name in (ReadOnlySpan<string>)["tmp", "new", "cur"])
            Directory.CreateDirectory(Path.Combine(path, name));
    }

    public static MailWatchOptions Counting(CountingPolicy policy, SourceChoice source = SourceChoice.Inotify) =>
        new() { Accounting = new() { Policy = policy }, Source = source };

    void IChangeSink.Accept(Mailbox mailbox, UsageChange change)
    {
        _changes.Enqueue((mailbox.Path.Display, change));
        _last[mailbox.Path.Display] = change;
    }

    public void Dispose()
    {
        _watch.Dispose();
        _scratch.Dispose();
    }

    private string FenceMailbox => Path.Combine(_scratch.FullName, "Maildir");

    /// <summary>Where the worker's thread stands until it is opened.</summary>
    private sealed class Gate : IChangeSink, IDisposable
    {
        private readonly TaskCompletionSource _reached = new();
        private readonly TaskCompletionSource _open = new();

        public Task Reached => _reached.Task;

        public void Accept(Mailbox mailbox, UsageChange change)
        {
            _reached.TrySetResult();
            _open.Task.Wait();
        }

        public void Dispose() => _open.SetResult();
    }
}
