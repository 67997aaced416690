using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Fuzz;

/// <summary><see cref="MessageName"/> against a naive reading by regular expressions, under every policy.</summary>
public sealed partial class MessageNameTarget : FuzzTarget
{
    public override string Name => "message-name";

    public override IReadOnlyList<byte[]> Seeds { get; } = [.. NameGolden.Load().Select(golden => golden.Name)];

    public override IReadOnlyList<byte[]> Dictionary { get; } =
    [
        .. new[]
        {
            ",S=", ",S=12", ",W=13", ":", ":2,", ":2,S", ":2,ST", "T", "t", ".", "..", "!2,", ":1,", "a", "0", "000",
            ",", "999999999999999", "1000000000000000", "99999999999999999999999999999999", "\0", "\n", "\u00ff",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    public override string Check(byte[] input)
    {
        var text = Encoding.Latin1.GetString(input);
        var words = PolicyColumn.All.Select(column => CheckPolicy(input, text, PolicyColumn.Policy(column)));
        var word = string.Join(' ', words);

        var unique = Encoding.Latin1.GetString(MessageName.UniqueName(input));
        Require(unique == text.Split(':')[0], "unique name");
        var seconds = MessageName.DeliveredAt(input);
        Require(seconds == (Number(Leading().Match(text).Value) ?? -1), $"delivered at {seconds}");
        return word;
    }

    private static string CheckPolicy(byte[] input, string text, CountingPolicy policy)
    {
        var sizing = MessageName.Read(input, policy, out var bytes);
        var expected = Naive(text, policy);
        Require((sizing, bytes) == expected, $"{policy.Name}: {sizing} {bytes}, naive {expected}");
        return sizing.ToString();
    }

    private static (MessageSizing Sizing, long Bytes) Naive(string text, CountingPolicy policy)
    {
        var dots = policy.DotFiles switch { DotFiles.Skip => ".", DotFiles.SkipDoubleDot => "..", _ => null };
        if (dots is not null && text.StartsWith(dots, StringComparison.Ordinal))
            return (MessageSizing.NotCounted, 0);
        if (!policy.CountTrashedFlag && Trashed().IsMatch(text))
            return (MessageSizing.NotCounted, 0);

        var match = policy.SizeReading switch
        {
            SizeReading.LastBeforeColon => LastBeforeColon().Match(text),
            SizeReading.FirstTerminated => FirstTerminated().Match(text),
            SizeReading.FirstDigits => FirstDigits().Match(text),
            _ => Match.Empty,
        };
        if (!match.Success)
            return (MessageSizing.NeedsStat, 0);
        var digits = match.Groups[1].Value;
        return (digits.Length == 0 ? 0 : Number(digits)) is { } bytes
            ? (MessageSizing.Named, bytes)
            : (MessageSizing.NeedsStat, 0);
    }

    // Null when there is none or one that is not believed.
    private static long? Number(string digits)
    {
        var significant = digits.TrimStart('0');
        return digits.Length == 0 || significant.Length > 15
            ? null
            : long.Parse("0" + significant, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\A[\s\S]*?:2,(?<=\A(?:(?!:2,)[\s\S])*:2,)[A-Z]*T", RegexOptions.CultureInvariant)]
    private static partial Regex Trashed();

    [GeneratedRegex(@"\A[^:]*,S=([0-9]*)", RegexOptions.CultureInvariant)]
    private static partial Regex LastBeforeColon();

    [GeneratedRegex(@"\A(?:(?!,S=)[\s\S])*,S=([0-9]*)(?:[:,]|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex FirstTerminated();

    [GeneratedRegex(",S=([0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex FirstDigits();

    [GeneratedRegex(@"\A[0-9]*", RegexOptions.CultureInvariant)]
    private static partial Regex Leading();
}
