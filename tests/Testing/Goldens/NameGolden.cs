using System.Globalization;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>One message name and how each column reads it (<c>tests/Goldens/names</c>).</summary>
public sealed record NameGolden
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required byte[] Name { get; init; }

    /// <summary>By column of <see cref="PolicyColumn"/>; the bytes are 0 unless the name says them.</summary>
    public required IReadOnlyDictionary<string, (MessageSizing Sizing, long Bytes)> Expected { get; init; }

    public static IReadOnlyList<NameGolden> Load() => [.. GoldenFile.LoadFolder("names").Select(Read)];

    private static NameGolden Read(GoldenCase golden)
    {
        golden.Allow(["name", .. PolicyColumn.All]);
        return new NameGolden
        {
            Id = golden.Id,
            Title = golden.Title,
            Name = golden.Require("name").Bytes,
            Expected = PolicyColumn.All.ToDictionary(column => column, column => golden.Require(column).Value switch
            {
                "stat" => (MessageSizing.NeedsStat, 0L),
                "none" => (MessageSizing.NotCounted, 0L),
                var bytes => (MessageSizing.Named, long.Parse(bytes, CultureInfo.InvariantCulture)),
            }),
        };
    }
}
