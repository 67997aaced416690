namespace MaildirQuotaWatcher.Testing.Goldens;

/// <summary>One name and one mask (<c>tests/Goldens/wildcards</c>).</summary>
public sealed record WildcardGolden(string Id, string Name, string Mask, bool Matches)
{
    public static IReadOnlyList<WildcardGolden> Load() => [.. GoldenFile.LoadFolder("wildcards").Select(Read)];

    private static WildcardGolden Read(GoldenCase golden)
    {
        golden.Allow("name", "mask", "matches");
        return new WildcardGolden(
            golden.Id, golden.Require("name").Value, golden.Require("mask").Value, golden.Require("matches").YesNo);
    }
}
