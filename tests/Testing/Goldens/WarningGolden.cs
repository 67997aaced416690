using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>One change of usage and which warning Dovecot ran (<c>tests/Goldens/warnings</c>).</summary>
public sealed record WarningGolden
{
    public required string Id { get; init; }

    /// <summary>Values of <c>quota_warning</c>, <c>quota_warning2</c>, ...</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    public required QuotaLimit Limit { get; init; }

    public required Usage Before { get; init; }

    public required Usage After { get; init; }

    /// <summary>First word of the command; <c>none</c>; <c>error</c> when the warnings cannot be read.</summary>
    public required string Runs { get; init; }

    public static IReadOnlyList<WarningGolden> Load() => [.. GoldenFile.LoadFolder("warnings").Select(Read)];

    private static WarningGolden Read(GoldenCase golden)
    {
        golden.Allow("warning", "limit", "before", "after", "runs");
        var runs = golden.Require("runs").Value;
        var limit = UsageOf("limit");
        return new WarningGolden
        {
            Id = golden.Id,
            Warnings = [.. golden.Lines.Where(line => line.Word == "warning").Select(line => line.Value)],
            Limit = new QuotaLimit(limit.Bytes, limit.Messages),
            Before = UsageOf("before"),
            After = UsageOf("after"),
            Runs = runs,
        };

        Usage UsageOf(string word) => runs == "error" ? Usage.Zero : golden.Require(word).Usage;
    }
}
