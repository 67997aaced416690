using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.Core.Tests.Quota;

/// <summary>What holds for every ledger, tried on random ones.</summary>
public sealed class MaildirSizeProperties
{
    private static readonly Gen<UsageDelta> Deltas =
        from bytes in ArbMap.Default.GeneratorFor<int>()
        from messages in Gen.Choose(-1000, 1000)
        select new UsageDelta(bytes * 4096L, messages);

    private static readonly Gen<QuotaLimit> Limits =
        from bytes in Gen.Choose(0, int.MaxValue)
        from messages in Gen.Frequency((1, Gen.Constant(0)), (2, Gen.Choose(0, int.MaxValue)))
        select new QuotaLimit(bytes * 1024L, messages);

    [Fact]
    public void Parse_OfFormatted_GivesTheSameBack() =>
        Prop.ForAll(Limits.ToArbitrary(), Deltas.ListOf().ToArbitrary(), (limit, deltas) =>
        {
            var content = Write(limit, deltas);
            var ledger = MaildirSizeFormat.Parse(content, content.Length);
            return ledger.Limit == limit
                && ledger.Usage == Sum(deltas)
                && ledger.Lines == deltas.Count
                && ledger.Header.AsSpan().SequenceEqual(MaildirSizeFormat.FormatHeader(limit));
        }).Check(Chance.Of(100));

    [Fact]
    public void Parse_OfSoundLedgerAndOurLine_StaysSound() =>
        Prop.ForAll(Limits.ToArbitrary(), Deltas.NonEmptyListOf().ToArbitrary(), Deltas.ToArbitrary(),
            (limit, deltas, ours) =>
            {
                var content = Write(limit, deltas.Append(ours));
                var ledger = MaildirSizeFormat.Parse(content, content.Length);
                var negative = ledger.Usage is { Bytes: < 0 } or { Messages: < 0 };
                var expected = content.Length >= 5120 ? RecalcReason.TooLong
                    : negative ? RecalcReason.NegativeTotal
                    : (RecalcReason?)null;
                return ledger.Recalculate == expected && ledger.Usage == Sum(deltas) + ours;
            }).Check(Chance.Of(100));

    [Fact]
    public void Parse_OfAnyBytes_DoesNotThrow() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<int>(), (content, more) =>
            MaildirSizeFormat.Parse(content, content.Length + (long)more) is { } ledger
            && (ledger.Recalculate is null) == (ledger.Problem is null)).Check(Chance.Of(100));

    [Fact]
    public void Parse_OfLedgerLikeBytes_DoesNotThrow() =>
        Prop.ForAll(Gen.Elements("0123456789SC, -\n\r\t\0".ToCharArray()).ArrayOf().ToArbitrary(), text =>
        {
            var content = Encoding.Latin1.GetBytes(text);
            var ledger = MaildirSizeFormat.Parse(content, content.Length);
            return ledger.Recalculate is not null || ledger is { Limit: not null, Usage: not null };
        }).Check(Chance.Of(100));

    private static Usage Sum(IEnumerable<UsageDelta> deltas) =>
        deltas.Aggregate(Usage.Zero, (sum, delta) => sum + delta);

    private static byte[] Write(QuotaLimit limit, IEnumerable<UsageDelta> deltas)
    {
        var content = new List<byte>([.. MaildirSizeFormat.FormatHeader(limit), (byte)'\n']);
        var line = new byte[42];
        foreach (var delta in deltas)
            content.AddRange(line[..MaildirSizeFormat.FormatLine(delta, line)]);
        return [.. content];
    }
}
