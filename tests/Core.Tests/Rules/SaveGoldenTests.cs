using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Core.Tests.Rules;

/// <summary>Every case of <c>tests/Goldens/saves</c>.</summary>
public sealed class SaveGoldenTests
{
    private static readonly Dictionary<string, SaveGolden> All =
        SaveGolden.Load().ToDictionary(golden => golden.Id);

    public static TheoryData<string> Right => Ids(refused: false);

    public static TheoryData<string> Wrong => Ids(refused: true);

    [Theory]
    [MemberData(nameof(Right))]
    public void Decide_Golden_AsDovecotDoes(string id)
    {
        var golden = All[id];
        var (grace, largest) = (Grace.Default, MaxMailSize.Unlimited);
        string? error = null;
        Assert.True(golden.Grace is null || Grace.TryParse(golden.Grace, out grace, out error), error);
        Assert.True(golden.Largest is null || MaxMailSize.TryParse(golden.Largest, out largest, out error), error);

        var bytes = grace.BytesOf(golden.Limit);
        if (golden.GraceBytes is { } expected)
            Assert.Equal(expected, bytes);
        foreach (var (size, decision) in golden.Saves)
            Assert.Equal((size, decision), (size, SaveTest.Decide(size, golden.Usage, golden.Limit, bytes, largest)));
        foreach (var (limit, used, change, size, over) in golden.Overs)
            Assert.Equal(over, SaveTest.IsOver(limit, used, change, size));
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void TryParse_Golden_IsRefused(string id)
    {
        var golden = All[id];
        string? error = null;

        var parsed = golden.Grace is { } grace
            ? Grace.TryParse(grace, out _, out error)
            : MaxMailSize.TryParse(golden.Largest!, out _, out error);

        Assert.False(parsed);
        Assert.Contains(golden.Error!, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Folder_HoldsTheWholeTable()
    {
        Assert.True(All.Count >= 35, $"only {All.Count} cases");
        Assert.Equal(21, All.Values.Sum(golden => golden.Overs.Count));
    }

    private static TheoryData<string> Ids(bool refused) =>
        [.. All.Values.Where(golden => golden.Error is not null == refused).Select(golden => golden.Id)];
}
