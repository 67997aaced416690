using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Core.Tests.Goldens;

/// <summary>
/// Every operation of <c>tests/Goldens/operations</c>: what a program left, and that one line heals it.
/// </summary>
public sealed class OperationGoldenTests
{
    private static readonly Dictionary<string, OperationGolden> All =
        OperationGolden.Load().ToDictionary(golden => golden.Id);

    public static TheoryData<string> Ids => [.. All.Keys];

    public static TheoryData<string> SoundIds => [.. All.Values.Where(IsSound).Select(golden => golden.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Parse_AfterOperation_SaysWhatIsThere(string id)
    {
        var golden = All[id];
        var before = MaildirSizeFormat.Parse(golden.LedgerBefore, golden.LedgerBefore.Length);
        var after = MaildirSizeFormat.Parse(golden.LedgerAfter, golden.LedgerAfter.Length);

        Assert.Equal(golden.TruthBefore, before.Usage);
        Assert.Equal(golden.Usage, after.Usage);
        Assert.Equal(golden.Recalculate, after.Recalculate);
        Assert.Equal(golden.Drift, after.Usage is { } usage ? golden.TruthAfter - usage : null);
    }

    [Theory]
    [MemberData(nameof(SoundIds))]
    public void FormatLine_OfTheDrift_HealsASoundLedger(string id)
    {
        var golden = All[id];
        var line = new byte[42];
        var length = MaildirSizeFormat.FormatLine(golden.Drift!.Value, line);

        byte[] healed = [.. golden.LedgerAfter, .. line[..length]];
        Assert.Equal(golden.TruthAfter, MaildirSizeFormat.Parse(healed, healed.Length).Usage);
    }

    private static bool IsSound(OperationGolden golden) => golden is { Recalculate: null, Drift: not null };
}
