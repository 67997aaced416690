using System.Text.Json.Serialization;

namespace MaildirQuotaWatcher.Control;

/// <summary>Source-generated JSON, so that the trimmed binary needs no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FieldsReport))]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class ControlJson : JsonSerializerContext;
