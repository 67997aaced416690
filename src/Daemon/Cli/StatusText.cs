using System.Globalization;
using System.Text;
using MaildirQuotaWatcher.Config;
using MaildirQuotaWatcher.Control;

namespace MaildirQuotaWatcher.Cli;

/// <summary>Writes a <see cref="StatusReport"/> in plain words. Foreign text is made harmless.</summary>
internal static class StatusText
{
    public static string Of(StatusReport report)
    {
        var text = new StringBuilder();
        Line("", (report.Fine ? "fine: " : "NOT FINE: ") + (report.Counting
            ? $"counting, {report.Uncounted} of {Mailboxes(report.Mailboxes)} to go"
            : $"watching {Mailboxes(report.Mailboxes)}"));
        if (report.Observing)
            Line("mode", "observe: nothing is written");
        Line("watches", WatchesOf(report.Watches));
        Line("polled", PollingOf(report.Polling));
        foreach (var source in report.Sources.Count == 0 ? ["none"] : report.Sources)
            Line("limits from", source);
        foreach (var down in report.SourcesDown)
            Line("DOWN", $"{down}; limits stay as they are");
        Line("warnings", report.WarningsWaiting is { } waiting
            ? $"{(waiting == 0 ? "none" : $"{waiting}")} waiting to run"
            : "how many wait cannot be read; the log says why");
        Line("lost events", report.LastOverflow is { } last
            ? string.Create(CultureInfo.InvariantCulture, $"{report.Overflows} times since the start, last "
                + $"{last.ToLocalTime():yyyy-MM-dd HH:mm:ss}; what had changed was counted again")
            : "never since the start");
        if (report.Configuration.Problem is { } problem)
            Line("NOT LOADED", problem);
        if (report.Configuration.NeedRestart.Count > 0)
            Line("at a restart", $"changed settings: {string.Join(", ", report.Configuration.NeedRestart)}");
        if (report.Uncounted > 0 && !report.Counting)
            Line("to be counted", Mailboxes(report.Uncounted));
        Line("in trouble", report.InTrouble == 0 ? "none" : Mailboxes(report.InTrouble));
        foreach (var trouble in report.Troubles)
            Line("", $"{trouble.Mailbox}: {trouble.Problem}");
        if (report.InTrouble > report.Troubles.Count)
            Line("", $"and {report.InTrouble - report.Troubles.Count} more: see the log");
        if (report.UsersInTrouble > 0)
            Line("bad limits", $"of {report.UsersInTrouble} user{(report.UsersInTrouble == 1 ? "" : "s")}; their limit "
                + "stays as it was, or what their maildirsize says");
        foreach (var trouble in report.UserTroubles)
            Line("", $"{trouble.User}: {trouble.Problem}");
        if (report.UsersInTrouble > report.UserTroubles.Count)
            Line("", $"and {report.UsersInTrouble - report.UserTroubles.Count} more");
        foreach (var pattern in report.EmptyLocations)
            Line("no mailbox", Locations.NoMailbox(pattern));
        return text.ToString();

        void Line(string word, string what)
        {
            if (text.Length > 0)
                text.Append("  ").Append(word.PadRight(14));
            text.Append(EscapingText.Escape(what)).Append('\n');
        }
    }

    private static string WatchesOf(WatchReport watches)
    {
        var text = watches.InotifyLimit is { } limit
            ? string.Create(CultureInfo.InvariantCulture,
                $"{watches.Inotify:N0} by inotify, of {limit:N0} allowed for all programs of this account")
            : string.Create(CultureInfo.InvariantCulture, $"{watches.Inotify:N0} by inotify");
        return watches.FanotifyDirectories > 0
            ? $"{text}; {watches.FanotifyDirectories} directories by fanotify"
            : text;
    }

    private static string PollingOf(PollReport polling)
    {
        if (polling.Mailboxes == 0)
            return polling.Answers
                ? "none: the kernel tells of every change"
                : "a file system that other machines serve does not answer; mailboxes there wait until it does";
        var every = DurationText.Format(TimeSpan.FromSeconds(polling.Seconds));
        return $"{Mailboxes(polling.Mailboxes)} on network file systems or FUSE, once in {every}: what other machines "
            + $"change there is seen up to {every} late"
            + (polling.Answers ? "" : "; their file system does not answer NOW, so they wait until it does");
    }

    private static string Mailboxes(int count) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} mailbox{(count == 1 ? "" : "es")}");
}
