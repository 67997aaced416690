using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Core.Tests.Goldens;

/// <summary>Every ledger of <c>tests/Goldens/maildirsize</c>.</summary>
public sealed class MaildirSizeGoldenTests
{
    private static readonly Dictionary<string, MaildirSizeGolden> All =
        MaildirSizeGolden.Load().ToDictionary(golden => golden.Id);

    public static TheoryData<string> Ids => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Parse_Golden_SaysWhatTheProgramsDo(string id)
    {
        var golden = All[id];
        var ledger = MaildirSizeFormat.Parse(golden.Content, golden.Content.Length);

        Assert.Equal(golden.Limit, ledger.Limit);
        Assert.Equal(golden.Usage, ledger.Usage);
        Assert.Equal(golden.Lines, ledger.Lines);
        Assert.Equal(golden.Content.Length, ledger.Length);
        Assert.Equal(golden.Recalculate, ledger.Recalculate);
        Assert.Contains(golden.Problem, ledger.Problem ?? "", StringComparison.Ordinal);
        Assert.Equal(golden.Recalculate is null, ledger.Problem is null);
        Assert.Equal(golden.Unverified, OverQuotaCheck.IsUnverified(ledger, golden.Age));
    }

    [Fact]
    public void Load_Folder_HoldsTheWholeTable() => Assert.True(All.Count >= 51, $"only {All.Count} cases");
}
