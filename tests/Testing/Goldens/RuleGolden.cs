using System.Text;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>One set of rules and what comes of it (<c>tests/Goldens/rules</c>).</summary>
public sealed record RuleGolden
{
    private static readonly string[] Words =
        ["rule", "default", "header", "applies", "folder", "note", "error", "column"];

    public required string Id { get; init; }

    /// <summary>The settings in order.</summary>
    public required IReadOnlyList<string> Rules { get; init; }

    /// <summary>Null when the header is the authority.</summary>
    public required ConfiguredLimit? Default { get; init; }

    public required QuotaLimit? Header { get; init; }

    /// <summary>The limit beside that header; null when the case does not say.</summary>
    public required QuotaLimit? Applies { get; init; }

    /// <summary>The limit of folders by name; null for an ignored one.</summary>
    public required IReadOnlyList<(string Name, QuotaLimit? Limit)> Folders { get; init; }

    /// <summary>Words of a note; null when there is none to be.</summary>
    public required string? Note { get; init; }

    /// <summary>Words of the error of the last rule; null when all are right.</summary>
    public required string? Error { get; init; }

    /// <summary>Where the error points, from 1.</summary>
    public required long Column { get; init; }

    public static IReadOnlyList<RuleGolden> Load() => [.. GoldenFile.LoadFolder("rules").Select(Read)];

    private static RuleGolden Read(GoldenCase golden)
    {
        golden.Allow(Words);
        var error = golden.Optional("error")?.Value;
        return new RuleGolden
        {
            Id = golden.Id,
            Rules = [.. golden.Lines.Where(line => line.Word == "rule").Select(line => Text(line.Value))],
            Default = error is null ? ReadDefault(golden.Require("default")) : null,
            Header = golden.Optional("header") is { Value: not "none" } header ? Limit(header) : null,
            Applies = golden.Optional("applies") is { } applies ? Limit(applies) : null,
            Folders = [.. golden.Lines.Where(line => line.Word == "folder").Select(ReadFolder)],
            Note = golden.Optional("note")?.Value,
            Error = error,
            Column = error is null ? 0 : golden.Require("column").Number,
        };
    }

    private static ConfiguredLimit? ReadDefault(GoldenLine line) => line.Parts switch
    {
        ["none"] => null,
        [.. var limit, "forced"] => new ConfiguredLimit(Limit(line with { Value = string.Join(' ', limit) }), true),
        _ => new ConfiguredLimit(Limit(line), false),
    };

    private static (string Name, QuotaLimit? Limit) ReadFolder(GoldenLine line) => line.Parts switch
    {
        [var name, "ignored"] => (Text(name), null),
        [var name, .. var limit] => (Text(name), Limit(line with { Value = string.Join(' ', limit) })),
        _ => throw line.Error("expected a name and a limit"),
    };

    private static string Text(string name) => Encoding.UTF8.GetString(GoldenEscapes.Decode(name));

    private static QuotaLimit Limit(GoldenLine line) => new(line.Usage.Bytes, line.Usage.Messages);
}
