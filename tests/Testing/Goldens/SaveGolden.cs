using System.Globalization;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Rules;

namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>What a message that is to be saved gets (<c>tests/Goldens/saves</c>).</summary>
public sealed record SaveGolden
{
    private static readonly string[] Words =
        ["limit", "usage", "grace", "grace-bytes", "largest", "save", "error", "over"];

    public required string Id { get; init; }

    public required QuotaLimit Limit { get; init; }

    public required Usage Usage { get; init; }

    /// <summary><c>quota_grace</c> as written; null for the default.</summary>
    public required string? Grace { get; init; }

    /// <summary>What the grace comes to; null when the case does not say.</summary>
    public required long? GraceBytes { get; init; }

    /// <summary><c>quota_max_mail_size</c> as written; null when there is none.</summary>
    public required string? Largest { get; init; }

    public required IReadOnlyList<(long Size, SaveDecision Decision)> Saves { get; init; }

    /// <summary>Words of the error of grace or largest; null when they are right.</summary>
    public required string? Error { get; init; }

    /// <summary>The bare comparison, numbers of unsigned 64 bits.</summary>
    public required IReadOnlyList<(Int128 Limit, Int128 Used, Int128 Change, Int128 Size, bool Over)> Overs
    {
        get;
        init;
    }

    public static IReadOnlyList<SaveGolden> Load() => [.. GoldenFile.LoadFolder("saves").Select(Read)];

    private static SaveGolden Read(GoldenCase golden)
    {
        golden.Allow(Words);
        var limit = golden.Optional("limit")?.Usage ?? default;
        return new SaveGolden
        {
            Id = golden.Id,
            Limit = new QuotaLimit(limit.Bytes, limit.Messages),
            Usage = golden.Optional("usage")?.Usage ?? default,
            Grace = golden.Optional("grace")?.Value,
            GraceBytes = golden.Optional("grace-bytes")?.Number,
            Largest = golden.Optional("largest")?.Value,
            Saves = [.. golden.Lines.Where(line => line.Word == "save").Select(ReadSave)],
            Error = golden.Optional("error")?.Value,
            Overs = [.. golden.Lines.Where(line => line.Word == "over").Select(ReadOver)],
        };
    }

    private static (long Size, SaveDecision Decision) ReadSave(GoldenLine line) =>
        line.Parts is [var size, var decision]
            ? (long.Parse(size, CultureInfo.InvariantCulture), Enum.Parse<SaveDecision>(decision))
            : throw line.Error("expected a size and a decision");

    private static (Int128 Limit, Int128 Used, Int128 Change, Int128 Size, bool Over) ReadOver(GoldenLine line) =>
        line.Parts is [var limit, var used, var change, var size, var over]
            ? (Wide(limit), Wide(used), Wide(change), Wide(size), (line with { Value = over }).YesNo)
            : throw line.Error("expected limit, used, change, size, yes or no");

    private static Int128 Wide(string text) => Int128.Parse(text, CultureInfo.InvariantCulture);
}
