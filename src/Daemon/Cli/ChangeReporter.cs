using System.Text;
using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Watching;
using Serilog;
using Serilog.Events;

namespace MaildirQuotaWatcher.Cli;

/// <summary>One readable line per change: mailbox, usage, limit, percent, what was written and why.</summary>
/// <param name="quietStart">The service's way: mailboxes that are found right at first sight are left to level Debug,
/// and many that are short of watches make few lines.</param>
internal sealed class ChangeReporter(bool quietStart = false) : IChangeSink
{
    private readonly GrowthLines _shortOfWatches = new();
    private int _failed;
    private int _absent;

    /// <summary>How many failures were reported.</summary>
    public int Failures => Volatile.Read(ref _failed);

    /// <summary>How many mailboxes were found without a ledger and without a limit to make one from.</summary>
    public int Absent => Volatile.Read(ref _absent);

    public void Accept(Mailbox mailbox, UsageChange change)
    {
        if (change.Action == LedgerAction.Absent)
            Interlocked.Increment(ref _absent);
        if (change.Action == LedgerAction.Failed)
            Interlocked.Increment(ref _failed);
        var waiting = quietStart && change.Action == LedgerAction.Failed ? mailbox.ShortOfWatches : 0;
        if (waiting > 0 && !_shortOfWatches.Allows(Environment.TickCount64, waiting))
            return;
        var level = change.Action is LedgerAction.Failed ? LogEventLevel.Error
            : change.Action == LedgerAction.Contested || change.Problem is not null ? LogEventLevel.Warning
            : quietStart && change is { Before: null, Action: LedgerAction.None } ? LogEventLevel.Debug
            : LogEventLevel.Information;
        Log.Write(level, "{Mailbox}: {Change}{Others}", mailbox.Path.Display, Describe(change),
            waiting > 1 ? $" ({waiting} mailboxes wait for watches; the command status names some)" : "");
    }

    /// <summary>The line without the mailbox.</summary>
    public static string Describe(UsageChange change)
    {
        var line = new StringBuilder();
        if (change.Action == LedgerAction.Failed)
            return change.Problem!;
        line.Append(UsageText(change));
        if (change.Before is { } before && !(change.After - before).IsZero)
            line.Append(" (").Append(DeltaText(change.After - before)).Append(')');
        line.Append("; ").Append(ActionText(change));
        if (change.Problem is not null)
            line.Append(": ").Append(change.Problem);
        return line.ToString();
    }

    private static string UsageText(UsageChange change)
    {
        var limit = change.Limit ?? QuotaLimit.Unlimited;
        var text = SizeText.Format(change.After.Bytes)
            + (limit.Bytes > 0
                ? $" of {SizeText.Format(limit.Bytes)}, {Percent(change.After.Bytes, limit.Bytes)}"
                : "");
        text += change.After.Messages == 1 ? ", 1 message" : $", {change.After.Messages} messages";
        return limit.Messages > 0
            ? text + $" of {limit.Messages}, {Percent(change.After.Messages, limit.Messages)}"
            : text;
    }

    private static string Percent(long used, long limit) => $"{(long)((Int128)used * 100 / limit)} %";

    private static string DeltaText(UsageDelta delta) => $"{delta.Bytes:+0;-0;0} B, {delta.Messages:+0;-0;0}";

    private static string ActionText(UsageChange change) => change.Action switch
    {
        LedgerAction.None => "maildirsize is right",
        LedgerAction.Appended => $"appended {DriftText(change)}",
        LedgerAction.Replaced => $"replaced maildirsize: {change.Reason}{FromText(change)}{WasText(change)}",
        LedgerAction.WouldAppend => $"would append {DriftText(change)}",
        LedgerAction.WouldReplace =>
            $"would replace maildirsize: {change.Reason}{FromText(change)}{WasText(change)}",
        LedgerAction.Absent when change.Limit is not null =>
            "there is no maildirsize, and none is to be made (create = no)",
        LedgerAction.Absent => "there is no maildirsize and no limit to make one from "
            + "(watch --limit SIZE makes one, or limit = in the configuration)",
        _ => "maildirsize is contested",
    };

    private static string DriftText(UsageChange change) =>
        change.Drift is { } drift ? $"\"{drift.Bytes} {drift.Messages}\" to maildirsize" : "";

    /// <summary>The header before and after; a limit that nobody has configured goes, which is easily overlooked.
    /// </summary>
    private static string FromText(UsageChange change)
    {
        if (change is not { Reason: RecalcReason.LimitChanged, Header: { } header, Limit: { } limit })
            return "";
        var lost = header.Messages > 0 && limit is { Messages: 0, Bytes: > 0 }
            ? $" (no message limit any more; messages={header.Messages} beside the other limit keeps it)"
            : header.Bytes > 0 && limit is { Bytes: 0, Messages: > 0 }
            ? $" (no storage limit any more; bytes={header.Bytes} beside the other limit keeps it)"
            : "";
        return $" from {HeaderText(header)} to {HeaderText(limit)}{lost}";
    }

    private static string HeaderText(QuotaLimit limit) =>
        Encoding.ASCII.GetString(MaildirSizeFormat.FormatHeader(limit));

    private static string WasText(UsageChange change) => change.Drift is { IsZero: false } drift
        ? $", it was off by {DeltaText(new UsageDelta(-drift.Bytes, -drift.Messages))}"
        : "";
}
