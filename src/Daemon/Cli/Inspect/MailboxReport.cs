using System.Text.Json.Serialization;

namespace MaildirQuotaWatcher.Cli.Inspect;

/// <summary>What <c>inspect --json</c> prints of one mailbox. Unlimited or unknown is null.</summary>
internal sealed record MailboxReport(
    string Path, MaildirSizeReport Maildirsize, TruthReport? Mailbox, AmountReport Drift, string? Problem);

/// <summary>What the ledger says.</summary>
internal sealed record MaildirSizeReport(
    bool Present, bool Sound, string? Recalculate, AmountReport Limit, AmountReport Usage, int? Lines, long? Length);

/// <summary>What the mailbox holds.</summary>
internal sealed record TruthReport(long Bytes, long Messages, IReadOnlyList<FolderReport> Folders);

/// <summary>One folder.</summary>
internal sealed record FolderReport(string Name, long Bytes, long Messages, bool Counted);

/// <summary>Bytes and messages; null where unlimited or unknown.</summary>
internal sealed record AmountReport(long? Bytes, long? Messages);

/// <summary>Source-generated JSON, so that the trimmed binary needs no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MailboxReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
