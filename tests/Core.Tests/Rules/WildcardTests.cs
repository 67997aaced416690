using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Core.Tests.Rules;

public sealed class WildcardTests
{
    private static readonly Dictionary<string, WildcardGolden> All =
        WildcardGolden.Load().ToDictionary(golden => golden.Id);

    public static TheoryData<string> Ids => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Matches_Golden_AsDovecotDoes(string id)
    {
        var golden = All[id];
        Assert.Equal(golden.Matches, Wildcard.Matches(golden.Name, golden.Mask));
    }

    [Fact]
    public void Matches_AnyNameAndMask_AsARegularExpressionDoes()
    {
        var pairs = from name in Texts("ab/")
                    from mask in Texts("ab/**?")
                    select (name, mask);
        Prop.ForAll(pairs.ToArbitrary(), pair =>
        {
            var pattern = Regex.Escape(pair.mask).Replace("\\*", ".*", StringComparison.Ordinal)
                .Replace("\\?", ".", StringComparison.Ordinal);
            var expected = Regex.IsMatch(pair.name, $"\\A{pattern}\\z", RegexOptions.Singleline);
            return Wildcard.Matches(pair.name, pair.mask) == expected;
        }).Check(Chance.Of(100));
    }

    [Fact]
    public void Matches_ManyStars_TakesNoLongerThanBothLengthsMultiplied()
    {
        // Exponential in a naive matcher: this would not end.
        var name = new string('a', 4000);
        Assert.False(Wildcard.Matches(name, string.Concat(Enumerable.Repeat("a*", 2000)) + "b"));
    }

    private static Gen<string> Texts(string letters) =>
        Gen.ArrayOf(Gen.Elements(letters.ToCharArray())).Select(text => new string(text));
}
