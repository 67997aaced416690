using System.Text;
using MaildirQuotaWatcher.Accounting;
using MaildirQuotaWatcher.Quota;
using Serilog;
using Serilog.Events;

namespace MaildirQuotaWatcher.Cli;

/// <summary>One readable line per change: mailbox, usage, limit, percent, what was written and why.</summary>
/// <param name="quietStart">Leave mailboxes that are found right at first sight to level Debug: the service's
/// way.</param>
internal sealed class ChangeReporter(bool quietStart = false) : IChangeSink
{
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
        var level = change.Action is LedgerAction.Failed ? LogEventLevel.Error
            : change.Action == LedgerAction.Contested || change.Problem is not null ? LogEventLevel.Warning
            : quietStart && change is { Before: null, Action: LedgerAction.None } ? LogEventLevel.Debug
            : LogEventLevel.Information;
        Log.Write(level, "{Mailbox}: {Change}", mailbox.Path.Display, Describe(change));
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
        LedgerAction.Replaced => $"replaced maildirsize: {change.Reason}{WasText(change)}",
        LedgerAction.WouldAppend => $"would append {DriftText(change)}",
        LedgerAction.WouldReplace => $"would replace maildirsize: {change.Reason}{WasText(change)}",
        LedgerAction.Absent when change.Limit is not null =>
            "there is no maildirsize, and none is to be made (create = no)",
        LedgerAction.Absent => "there is no maildirsize and no limit to make one from "
            + "(watch --limit SIZE makes one, or limit = in the configuration)",
        _ => "maildirsize is contested",
    };

    private static string DriftText(UsageChange change) =>
        change.Drift is { } drift ? $"\"{drift.Bytes} {drift.Messages}\" to maildirsize" : "";

    private static string WasText(UsageChange change) => change.Drift is { IsZero: false } drift
        ? $", it was off by {DeltaText(new UsageDelta(-drift.Bytes, -drift.Messages))}"
        : "";
}
