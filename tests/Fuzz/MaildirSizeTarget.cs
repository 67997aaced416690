using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.Testing.Goldens;

namespace MaildirQuotaWatcher.Fuzz;

/// <summary>
/// <see cref="MaildirSizeFormat"/> against a naive reading by regular expressions and big integers.
/// </summary>
public sealed partial class MaildirSizeTarget : FuzzTarget
{
    public override string Name => "maildirsize";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [.. MaildirSizeGolden.Load().Select(golden => golden.Content)];

    public override IReadOnlyList<byte[]> Dictionary { get; } =
    [
        .. new[]
        {
            "\n", "\r\n", "\0", "\t", " ", "-", "+", ",", "S", "C", "s", "0S", "NOQUOTA", "0 0\n", "1 1\n", "-1 -1\n",
            "9223372036854775807", "-9223372036854775808", "9223372036854775808", "2147483647", "-2147483648",
            "2147483648", "            1            1\n", "1e5", "0x10", "00000000000000000000000000000001",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    public override string Check(byte[] input)
    {
        var ledger = MaildirSizeFormat.Parse(input, input.Length);
        var text = Encoding.Latin1.GetString(input);
        var soundHeader = IsSoundHeader(text);
        var sum = NaiveSum(text);

        Require(ledger.Length == input.Length, "length");
        Require(ledger.Usage == sum, $"usage is {ledger.Usage}, naive {sum}");
        Require(!soundHeader || ledger.Limit is not null, "a sound header gives a limit");
        Require(ledger.Recalculate == NaiveReason(input.Length, soundHeader, sum, ledger.Lines),
            $"reason is {ledger.Recalculate}");
        Require(ledger.Recalculate is null == ledger.Problem is null, "a problem exactly when there is a reason");
        CheckAppend(input, ledger);
        CheckCutOff(input, ledger);
        return $"{ledger.Recalculate} {ledger.Limit is null} {Shape(ledger.Problem)}";
    }

    private static void CheckAppend(byte[] input, MaildirSize ledger)
    {
        if (ledger.Recalculate is not null)
            return;
        Span<byte> line = stackalloc byte[42];
        var length = MaildirSizeFormat.FormatLine(new UsageDelta(0, 0), line);
        var after = MaildirSizeFormat.Parse([.. input, .. line[..length]], input.Length + length);
        Require(after.Usage == ledger.Usage, "our own line keeps the sum");
        Require(after.Recalculate is null or RecalcReason.TooLong, "our own line keeps the ledger sound");
    }

    private static void CheckCutOff(byte[] input, MaildirSize whole)
    {
        var half = MaildirSizeFormat.Parse(input.AsSpan(0, input.Length / 2), input.Length);
        Require(input.Length == 0 || half is { Usage: null, Recalculate: not null }, "half a file gives no usage");
        Require(half.Limit is null || half.Limit == whole.Limit, "half a file gives no other limit");
    }

    private static RecalcReason? NaiveReason(int length, bool soundHeader, Usage? sum, int lines) => sum switch
    {
        _ when length >= 5120 => RecalcReason.TooLong,
        null => RecalcReason.Malformed,
        _ when !soundHeader => RecalcReason.Malformed,
        { Bytes: < 0 } or { Messages: < 0 } => RecalcReason.NegativeTotal,
        _ => lines == 0 ? RecalcReason.HeaderOnly : null,
    };

    private static bool IsSoundHeader(string text)
    {
        var header = Header().Match(text);
        if (!header.Success)
            return false;
        var items = header.Groups[1].Value.Split(',');
        var letters = items.Select(item => item[^1]).ToList();
        return letters.Distinct().Count() == letters.Count
            && letters.Any(letter => letter is 'S' or 'C')
            && items.All(item => BigInteger.Parse(item[..^1]) <= (item[^1] == 'C' ? int.MaxValue : long.MaxValue));
    }

    private static Usage? NaiveSum(string text)
    {
        BigInteger bytes = 0, messages = 0;
        var headerEnd = text.IndexOf('\n', StringComparison.Ordinal);
        var rest = headerEnd < 0 ? "" : text[(headerEnd + 1)..];
        if (rest.Length > 0 && rest[^1] != '\n')
            return null;
        foreach (var line in rest.Split('\n')[..^1])
        {
            var match = Line().Match(line);
            if (!match.Success)
                return null;
            var lineBytes = BigInteger.Parse(match.Groups[1].Value);
            var lineMessages = BigInteger.Parse(match.Groups[2].Value);
            bytes += lineBytes;
            messages += lineMessages;
            if (!Fits(lineBytes, long.MaxValue) || !Fits(bytes, long.MaxValue) ||
                !Fits(lineMessages, int.MaxValue) || !Fits(messages, int.MaxValue))
                return null;
        }

        return new Usage((long)bytes, (long)messages);
    }

    private static bool Fits(BigInteger number, long largest) =>
        number >= -(BigInteger)largest - 1 && number <= largest;

    private static string Shape(string? problem) => Digits().Replace(problem ?? "sound", "#");

    [GeneratedRegex(@"\A([0-9]+[A-Za-z](?:,[0-9]+[A-Za-z])*)\n", RegexOptions.CultureInvariant)]
    private static partial Regex Header();

    [GeneratedRegex(@"\A *(-?[0-9]+) +(-?[0-9]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Line();

    [GeneratedRegex("-?[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();
}
