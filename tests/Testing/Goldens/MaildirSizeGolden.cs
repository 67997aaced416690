using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>One ledger and what every reader should make of it (<c>tests/Goldens/maildirsize</c>).</summary>
public sealed record MaildirSizeGolden
{
    private static readonly string[] Words =
        ["content", "fill", "age", "limit", "usage", "lines", "recalculate", "problem", "unverified"];

    public required string Id { get; init; }

    public required string Title { get; init; }

    public required byte[] Content { get; init; }

    /// <summary>Time since the file's mtime.</summary>
    public required TimeSpan Age { get; init; }

    /// <summary>Null: the programs would not agree.</summary>
    public required QuotaLimit? Limit { get; init; }

    public required Usage? Usage { get; init; }

    public required int Lines { get; init; }

    public required RecalcReason? Recalculate { get; init; }

    /// <summary>Words the problem's text holds; empty when the case does not say.</summary>
    public required string Problem { get; init; }

    public required bool Unverified { get; init; }

    public static IReadOnlyList<MaildirSizeGolden> Load() =>
        [.. GoldenFile.LoadFolder("maildirsize").Select(Read)];

    private static MaildirSizeGolden Read(GoldenCase golden)
    {
        golden.Allow(Words);
        var content = golden.Lines.Where(line => line.Word == "content").SelectMany(line => line.Bytes).ToArray();
        return new MaildirSizeGolden
        {
            Id = golden.Id,
            Title = golden.Title,
            Content = golden.Optional("fill") is { } fill ? Fill(content, (int)fill.Number) : content,
            Age = TimeSpan.FromSeconds(golden.Optional("age")?.Number ?? 0),
            Limit = golden.Require("limit") is { Value: not "unclear" } limit
                ? new QuotaLimit(limit.Usage.Bytes, limit.Usage.Messages)
                : null,
            Usage = golden.Require("usage") is { Value: not "none" } usage ? usage.Usage : null,
            Lines = (int)golden.Require("lines").Number,
            Recalculate = golden.Require("recalculate").Reason,
            Problem = golden.Optional("problem")?.Value ?? "",
            Unverified = golden.Optional("unverified")?.YesNo ?? false,
        };
    }

    // "1 0" lines up to the length; what does not fit a line pads the last one with blanks in front.
    private static byte[] Fill(byte[] content, int length)
    {
        var filled = new List<byte>(content);
        while (filled.Count < length)
        {
            var left = length - filled.Count;
            if (left < 8)
                filled.AddRange(Enumerable.Repeat((byte)' ', left - 4));
            filled.AddRange("1 0\n"u8);
        }

        return [.. filled];
    }
}
