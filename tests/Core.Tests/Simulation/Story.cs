using FsCheck;
using FsCheck.Fluent;

namespace MaildirQuotaWatcher.Core.Tests.Simulation;

/// <summary>A seed for the order of things, and what somebody does. Shrinks by leaving things out.</summary>
public sealed record Story(int Seed, bool Named, Operation[] Operations)
{
    /// <summary>Instead of a gap: the next operation at the same time, in any order with scans and events.</summary>
    public const int NoGap = -1;

    private static readonly int[] Gaps = [NoGap, NoGap, 0, 0, 0, 1, 20, 100, 299, 301, 700, 5000];

    public override string ToString() =>
        $"seed {Seed}, names with size: {Named}\n  {string.Join("\n  ", (object[])Operations)}\n";

    /// <summary>Stories made of some deeds only.</summary>
    public static Arbitrary<Story> Of(params Deed[] deeds)
    {
        var operation =
            from deed in Gen.Elements(deeds)
            from a in Gen.Choose(0, 999)
            from b in Gen.Choose(0, 250)
            from gap in Gen.Elements(Gaps)
            select new Operation(deed, a, b, gap);
        var story =
            from seed in Gen.Choose(0, 1_000_000)
            from named in Gen.Elements(true, true, false)
            from length in Gen.Choose(0, 30)
            from operations in operation.ArrayOf(length)
            select new Story(seed, named, operations);
        return Arb.From(story, Shorter);
    }

    private static IEnumerable<Story> Shorter(Story story)
    {
        for (var i = 0; i < story.Operations.Length; i++)
            yield return story with { Operations = [.. story.Operations[..i], .. story.Operations[(i + 1)..]] };
    }
}
