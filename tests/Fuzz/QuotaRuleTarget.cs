using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using MaildirQuotaWatcher.Rules;
using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Fuzz;

/// <summary><see cref="QuotaRule"/> against a naive reading by regular expressions and big integers.</summary>
public sealed partial class QuotaRuleTarget : FuzzTarget
{
    public override string Name => "quota-rule";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [.. RuleGolden.Load().SelectMany(golden => golden.Rules).Select(Encoding.UTF8.GetBytes)];

    public override IReadOnlyList<byte[]> Dictionary { get; } =
    [
        .. new[]
        {
            ":", "=", "+", "-", "%", "%%", "*:", "?:", "storage=", "bytes=", "messages=", ":bytes=", ":messages=",
            "ignore", "backend=", "7000S,3C", "NOQUOTA", "unlimited", "9223372036854775807", "-9223372036854775808",
            "9223372036854775808", "4294967294%", "-99%", "k", "MiB", "T", " G", "\t", ".", "/", "INBOX", "ü", "\0",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override string Check(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (!QuotaRule.TryParse(text, out var rule, out var error))
        {
            Require(Naive(text) is null, $"refused: {error}");
            var said = Said().Match(error);
            var column = int.Parse(said.Groups[1].Value);
            Require(column >= 1 && column <= text.Length + 1, $"column {column}");
            return said.Groups[2].Value;
        }

        Require(rule == Naive(text), $"{rule}, naive {Naive(text)?.ToString() ?? "refuses"}");
        Require(QuotaRule.TryParse(rule.ToString(), out var again, out var flaw), $"{rule}: {flaw}");
        Require(again == rule, $"{rule} is read as {again}");
        return $"{rule.IsDefault} {rule.Ignore} {Shape(rule.Bytes)} {rule.Messages is null} {rule.Notes.Count > 0}";
    }

    private static QuotaRule? Naive(string text)
    {
        var parts = Rule().Match(text.Trim());
        if (!parts.Success)
            return null;
        var mask = parts.Groups[1].Value.Replace('.', '/');
        if (string.Equals(mask, "INBOX", StringComparison.OrdinalIgnoreCase))
            mask = "INBOX";
        var (body, isDefault) = (parts.Groups[2].Value, mask is "*" or "?");
        if (body == "ignore")
            return new QuotaRule(mask, true, isDefault ? new(0) : null, isDefault ? new(0) : null);
        if (body.StartsWith("backend=", StringComparison.Ordinal))
            return NaiveBackend(mask, body["backend=".Length..]);

        RuleAmount? bytes = null, messages = null;
        foreach (var limit in body.Split(':'))
        {
            var match = Limit().Match(limit);
            if (!match.Success || NaiveAmount(match, isDefault) is not { } amount)
                return null;
            if (match.Groups[1].Value == "messages")
                messages = amount;
            else
                bytes = amount;
        }

        return new QuotaRule(mask, false, bytes, messages);
    }

    private static QuotaRule? NaiveBackend(string mask, string specification)
    {
        if (specification == "NOQUOTA")
            return new QuotaRule(mask, false, new(0), new(0));
        var items = specification.Split(',');
        if (!items.All(item => HeaderItem().IsMatch(item)) || items.DistinctBy(item => item[^1]).Count() < items.Length
            || items.Any(item => BigInteger.Parse(item[..^1]) > (item[^1] == 'C' ? int.MaxValue : long.MaxValue)))
            return null;
        RuleAmount Of(char letter) =>
            new(items.Where(item => item[^1] == letter).Select(item => long.Parse(item[..^1])).SingleOrDefault());
        return new QuotaRule(mask, false, Of('S'), Of('C'));
    }

    private static RuleAmount? NaiveAmount(Match match, bool isDefault)
    {
        var (key, digits, unit) = (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value);
        if (match.Groups[4].Success)
            return isDefault ? new RuleAmount(0) : RuleAmount.Unlimited;
        var number = BigInteger.Parse(digits.TrimStart('+'));
        if (number < long.MinValue || number > long.MaxValue || (isDefault && (digits[0] == '+' || number < 0)))
            return null;
        if (unit == "%")
            return isDefault || number <= -100 || number >= uint.MaxValue ? null : new RuleAmount((long)number, true);
        BigInteger factor = unit.ToUpperInvariant() switch
        {
            "" => key == "storage" ? 1024 : 1,
            "B" => 1,
            "K" => 1L << 10,
            "M" => 1L << 20,
            "G" => 1L << 30,
            _ => 1L << 40,
        };
        return new RuleAmount((long)BigInteger.Max(long.MinValue, BigInteger.Min(long.MaxValue, number * factor)));
    }

    private static string Shape(RuleAmount? amount) => amount is { } given
        ? $"{Math.Sign(given.Number)}{given.IsPercent}{given.Number is long.MinValue or long.MaxValue}"
        : "none";

    [GeneratedRegex(@"\A([^:.][^:]*(?<!\s)):(.*)\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Rule();

    [GeneratedRegex(
        @"\A(storage|bytes|messages)=(?:([+-]?[0-9]+)[ \t]*([bBkKmMgGtT%])?(?(3).*|\s*)|((?i:unlimited))\s*)\z",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Limit();

    [GeneratedRegex(@"\A[0-9]+[SC]\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderItem();

    /// <summary>The column, and what is wrong without what is quoted.</summary>
    [GeneratedRegex(@"\Acolumn ([0-9]+): ([A-Za-z ]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Said();
}
