using System.Globalization;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Control;

/// <summary>What following the mailboxes will take, said before it is tried: one sentence for the log.</summary>
/// <param name="Mailboxes">Found.</param>
/// <param name="Folders">In all of them, INBOX included.</param>
/// <param name="Directories">That hold messages: <c>new</c>, <c>cur</c>.</param>
/// <param name="Watches">Of inotify that will be set; without meaning where events come otherwise.</param>
/// <param name="Source">Where events come from: <c>inotify</c>, <c>fanotify</c>.</param>
/// <param name="MaxUserWatches">The kernel's limit, <see cref="InotifyLimits.MaxUserWatches"/>; 0 if unknown.</param>
internal sealed record StartPlan(
    long Mailboxes, long Folders, long Directories, long Watches, string Source, long MaxUserWatches)
{
    /// <summary>Bytes of kernel memory for one watch: 0.1 KB and the inode it pins, measured on ext4.</summary>
    public const long WatchBytes = 1900;

    /// <summary>Folders were counted in some mailboxes only.</summary>
    public bool IsEstimate { get; init; }

    /// <summary>Whether the kernel's limit is known to be too low.</summary>
    public bool IsBeyondLimit => MaxUserWatches > 0 && Watches > MaxUserWatches;

    /// <summary>The limit to set: a fifth more than needed, rounded up to two digits.</summary>
    public long AdvisedLimit
    {
        get
        {
            var roomy = Watches + Watches / 5;
            var unit = 1L;
            while (roomy / unit >= 100)
                unit *= 10;
            return (roomy + unit - 1) / unit * unit;
        }
    }

    public override string ToString()
    {
        var about = IsEstimate ? "about " : "";
        var found = $"plan: {Count(Mailboxes, "mailbox", "mailboxes")}, {about}{Count(Folders, "folder", "folders")}, "
            + $"{about}{Count(Directories, "message directory", "message directories")}; events from {Source}";
        if (Source != "inotify")
            return $"{found}, no watches needed";
        FormattableString limit = $" of {MaxUserWatches:N0} allowed (fs.inotify.max_user_watches)";
        var allowed = MaxUserWatches > 0 ? limit.ToString(CultureInfo.InvariantCulture) : "";
        var cure = IsBeyondLimit ? $"; that limit is too low: {InotifyLimits.RaiseWatches(AdvisedLimit)}" : "";
        return $"{found}, {about}{Count(Watches, "watch", "watches")} needed{allowed}, kernel memory about "
            + $"{Memory(Watches * WatchBytes)}{cure}";
    }

    private static string Count(long number, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {(number == 1 ? one : many)}");

    private static string Memory(long bytes) => bytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0} KB"),
    };
}
