using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Storage;

namespace MaildirQuotaWatcher.Cli.Inspect;

/// <summary>The verb <c>inspect</c>: truth beside ledger. Reads, never writes.</summary>
internal static class InspectCommand
{
    public static async Task<int> RunAsync(InspectOptions options, CancellationToken stop)
    {
        var (isFine, rules) = await ServiceRules.LoadAsync(
            options.ConfigFile, options.IsCountingChosen, options.Mailboxes, stop).ConfigureAwait(false);
        if (!isFine && options.ConfigFile is not null)
            return ExitCode.BadUsage;
        if (!isFine)
            await Console.Error.WriteLineAsync("counted as if there were no configuration: mend it, or say --counting")
                .ConfigureAwait(false);
        var policy = rules?.Policy ?? MailWatchOptions.PolicyOf(options.Counting, options.TrustNames);
        var failed = rules?.Unknown.Count > 0;
        using var crew = new StatCrew();
        // One mailbox a core at a time, taken and shown in the order in which they were named.
        var reports = Partitioner.Create(options.Mailboxes, EnumerablePartitionerOptions.NoBuffering)
            .AsParallel().AsOrdered().WithCancellation(stop)
            .WithExecutionMode(ParallelExecutionMode.ForceParallelism)
            .WithMergeOptions(ParallelMergeOptions.NotBuffered)
            .Select(mailbox => MailboxInspector.Inspect(
                mailbox, policy, crew, rules?.Of.GetValueOrDefault(mailbox).Rules?.Roots));
        foreach (var report in reports)
        {
            failed |= report.Mailbox is null;
            var text = options.Json
                ? JsonSerializer.Serialize(report, ReportJson.Default.MailboxReport)
                : Describe(report);
            await Console.Out.WriteLineAsync(text).ConfigureAwait(false);
        }

        return failed ? ExitCode.SomeFailed : ExitCode.Fine;
    }

    private static string Describe(MailboxReport report)
    {
        var text = new StringBuilder();
        text.Append(EscapingText.Escape(report.Path)).Append('\n');
        var ledger = report.Maildirsize;
        // Of what is no mailbox there is nothing more to say.
        if (report.Mailbox is null && !ledger.Present)
            return text.Append("  problem      ").Append(EscapingText.Escape(report.Problem ?? "")).ToString();
        text.Append("  maildirsize  ").Append(
            !ledger.Present ? "missing (watch --limit SIZE makes one)"
            : ledger.Recalculate is { } reason ? $"to be recalculated: {reason}"
            : $"{Amount(ledger.Usage)} in {Plural(ledger.Lines, "line")}, {ledger.Length} bytes").Append('\n');
        if (ledger.Present)
            text.Append("  limit        ").Append(Limit(ledger.Limit)).Append('\n');
        if (report.Problem is not null)
            text.Append("  problem      ").Append(EscapingText.Escape(report.Problem)).Append('\n');
        if (report.Mailbox is not { } truth)
            return text.ToString().TrimEnd('\n');
        text.Append("  mailbox      ").Append(Amount(new AmountReport(truth.Bytes, truth.Messages))).Append('\n');
        foreach (var folder in truth.Folders)
            text.Append("    ").Append(EscapingText.Escape(folder.Name).PadRight(20)).Append(' ')
                .Append(Amount(new AmountReport(folder.Bytes, folder.Messages)))
                .Append(folder.Counted ? "" : "  (not counted)").Append('\n');
        text.Append("  drift        ").Append(report.Drift switch
        {
            { Bytes: null } => ledger.Present ? "unknown" : "nothing to compare with",
            { Bytes: 0, Messages: 0 } => "none",
            var drift => $"{drift.Bytes:+0;-0;0} bytes, {drift.Messages:+0;-0;0} messages",
        });
        return text.ToString();
    }

    private static string Amount(AmountReport amount) => amount.Bytes is { } bytes
        ? $"{SizeText.Format(bytes)}{(bytes < 1024 ? "" : $" ({bytes} bytes)")}, {Plural(amount.Messages, "message")}"
        : "unknown";

    private static string Plural(long? count, string word) => count == 1 ? $"1 {word}" : $"{count} {word}s";

    private static string Limit(AmountReport limit) => (limit.Bytes, limit.Messages) switch
    {
        (null, null) => "none",
        ({ } bytes, null) => SizeText.Format(bytes),
        (null, { } messages) => $"{messages} messages",
        ({ } bytes, { } messages) => $"{SizeText.Format(bytes)}, {messages} messages",
    };
}
