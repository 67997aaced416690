using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>
/// What one program wrote to the ledger when it changed a mailbox (<c>tests/Goldens/operations</c>).
/// </summary>
public sealed record OperationGolden
{
    private static readonly string[] Words =
        ["policy", "mailbox", "ledger", "append", "replace", "change", "usage", "drift", "recalculate"];

    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>The policy by which the truth is counted.</summary>
    public required CountingPolicy Policy { get; init; }

    public required byte[] LedgerBefore { get; init; }

    public required byte[] LedgerAfter { get; init; }

    public required Usage TruthBefore { get; init; }

    /// <summary>How the operation changed the truth; zero when it did not.</summary>
    public required UsageDelta Change { get; init; }

    /// <summary>What the ledger says afterwards; null when it cannot be read.</summary>
    public required Usage? Usage { get; init; }

    /// <summary>Truth minus ledger afterwards; null when the ledger cannot be read.</summary>
    public required UsageDelta? Drift { get; init; }

    public required RecalcReason? Recalculate { get; init; }

    public Usage TruthAfter => TruthBefore + Change;

    public static IReadOnlyList<OperationGolden> Load() => [.. GoldenFile.LoadFolder("operations").Select(Read)];

    private static OperationGolden Read(GoldenCase golden)
    {
        golden.Allow(Words);
        var before = golden.Require("ledger").Bytes;
        var appended = golden.Lines.Where(line => line.Word == "append").SelectMany(line => line.Bytes);
        return new OperationGolden
        {
            Id = golden.Id,
            Title = golden.Title,
            Policy = PolicyColumn.Policy(golden.Require("policy").Value),
            LedgerBefore = before,
            LedgerAfter = [.. golden.Optional("replace")?.Bytes ?? before, .. appended],
            TruthBefore = golden.Require("mailbox").Usage,
            Change = Delta(golden.Require("change")),
            Usage = golden.Require("usage") is { Value: not "none" } usage ? usage.Usage : null,
            Drift = golden.Require("drift") is { Value: not "none" } drift ? Delta(drift) : null,
            Recalculate = golden.Optional("recalculate")?.Reason,
        };
    }

    private static UsageDelta Delta(GoldenLine line) => line.Usage - MaildirQuotaWatcher.Quota.Usage.Zero;
}
