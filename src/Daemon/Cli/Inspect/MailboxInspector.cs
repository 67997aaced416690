using MaildirQuotaWatcher.Linux;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Ports;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Cli.Inspect;

/// <summary>Reads one mailbox and its ledger, writes nothing.</summary>
internal static class MailboxInspector
{
    private static readonly AmountReport Unknown = new(null, null);

    /// <param name="roots">Rules about folders; null for the policy's own.</param>
    public static MailboxReport Inspect(
        string path, CountingPolicy policy, StatCrew? crew = null, IFolderRoots? roots = null)
    {
        if (path.Length == 0)
            return Failed("", "MAILDIR is empty; name a directory that holds cur, new and tmp");
        if (MaildirCheck.NoText(path) is { } lost)
            return Failed(path, lost);
        var root = BytePath.FromString(Path.GetFullPath(path));
        var display = Path.GetFullPath(path);
        if (MailboxDirectory.Find(root, followLinks: true, out var errno) is not { } directory)
            return Failed(display, new SystemCallError("open", root.Display, errno) + Cure.For(errno)
                + (errno == Errno.ENOENT ? MaildirCheck.CureOfUser(path) : ""));
        var fd = directory.Open(out errno);
        if (fd < 0)
            return Failed(display, new SystemCallError("open", root.Display, errno) + Cure.For(errno));

        if (!Files.StatAt(fd, "cur"u8, followLinks: true, out _, out _)
            && !Files.StatAt(fd, "new"u8, followLinks: true, out _, out _))
        {
            Files.Close(fd);
            return Failed(display, "is not a Maildir: it has neither cur nor new; name the directory that has");
        }

        var reading = LedgerFile.Read(fd, root, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        var folders = new MailboxCounter(policy, fd, directory.Owner, crew, roots).Folders(out errno);
        Files.Close(fd);
        if (errno.IsError)
            return Failed(display, new SystemCallError("read", root.Display, errno) + Cure.For(errno)) with
            {
                Maildirsize = Ledger(reading),
            };

        var truth = MailboxCounter.Total(folders);
        var drift = UsageOf(reading.Ledger) is { } used ? truth - used : (UsageDelta?)null;
        return new MailboxReport(
            display,
            Ledger(reading),
            new TruthReport(truth.Bytes, truth.Messages, [.. folders.Select(entry => new FolderReport(
                entry.Folder.Display, entry.Usage.Bytes, entry.Usage.Messages, entry.Folder.Counted))]),
            drift is { } known ? new AmountReport(known.Bytes, known.Messages) : Unknown,
            reading.Problem ?? reading.Ledger?.Problem);
    }

    /// <summary>Malformed lines are read differently by each program: then nobody can say what the ledger
    /// says.</summary>
    private static Usage? UsageOf(MaildirSize? ledger) =>
        ledger is null || ledger.Recalculate == RecalcReason.Malformed ? null : ledger.Usage;

    private static MaildirSizeReport Ledger(LedgerReading reading)
    {
        if (reading.Ledger is not { } ledger)
            return new MaildirSizeReport(
                reading.State is LedgerState.Refused, false, null, Unknown, Unknown, null, null);
        var usage = UsageOf(ledger);
        var unverified = OverQuotaCheck.IsUnverified(ledger, reading.Age)
            ? RecalcReason.OverQuotaUnverified : (RecalcReason?)null;
        return new MaildirSizeReport(
            true,
            ledger.Recalculate is null,
            (ledger.Recalculate ?? unverified)?.ToString(),
            new AmountReport(Limited(ledger.Limit?.Bytes), Limited(ledger.Limit?.Messages)),
            new AmountReport(usage?.Bytes, usage?.Messages),
            ledger.Lines,
            ledger.Length);
    }

    private static long? Limited(long? limit) => limit is > 0 ? limit : null;

    private static MailboxReport Failed(string path, string problem) => new(
        path, new MaildirSizeReport(false, false, null, Unknown, Unknown, null, null), null, Unknown, problem);
}
