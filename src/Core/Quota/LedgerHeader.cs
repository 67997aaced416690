using System.Globalization;

namespace MaildirQuotaWatcher.Quota;

/// <summary>
/// Reads the first line of <c>maildirsize</c>: a comma list of digits and one letter, <c>S</c> for bytes and <c>C</c>
/// for messages.
/// </summary>
internal static class LedgerHeader
{
    /// <param name="header">The line without its LF.</param>
    /// <param name="limit">The limit, or null when the programs would not agree on one.</param>
    /// <returns>What is wrong, in plain words, or null when every program reads the header alike.</returns>
    public static string? Read(ReadOnlySpan<byte> header, out QuotaLimit? limit)
    {
        // Dovecot drops the last item for a CR, the others read on: the meaning is plain, the file still goes.
        var text = header is [.., (byte)'\r'] ? header[..^1] : header;
        var flaw = text.Length < header.Length ? "CR at the end of the header" : null;

        limit = QuotaLimit.Unlimited;
        if (text.IsEmpty)
            return flaw ?? "empty header";
        if (text.SequenceEqual("NOQUOTA"u8))
            return flaw ?? "NOQUOTA instead of a limit";

        if (ReadItems(text, out var read) is { } problem)
        {
            limit = null;
            return problem;
        }

        limit = read;
        return flaw;
    }

    private static string? ReadItems(ReadOnlySpan<byte> text, out QuotaLimit limit)
    {
        limit = default;
        var seen = 0UL;
        while (true)
        {
            var comma = text.IndexOf((byte)',');
            var item = comma < 0 ? text : text[..comma];
            if (ReadItem(item, ref seen, ref limit) is { } problem)
                return problem;
            if (comma < 0)
                break;
            text = text[(comma + 1)..];
        }

        return (seen & (Bit('S') | Bit('C'))) == 0 ? "header names neither bytes (S) nor messages (C)" : null;
    }

    private static string? ReadItem(ReadOnlySpan<byte> item, ref ulong seen, ref QuotaLimit limit)
    {
        var digits = item.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits <= 0 || digits != item.Length - 1 || !char.IsAsciiLetter((char)item[digits]))
            return "header item is not digits and one letter";
        if (!long.TryParse(item[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
            return "header item is beyond 64 bits";

        var letter = (char)item[digits];
        // Courier and Exim take the last of two, Dovecot the last that is not zero.
        if ((seen & Bit(letter)) != 0)
            return $"header names {letter} twice";
        seen |= Bit(letter);

        // Courier and Exim keep the message limit in an int: 4294967297C is 1 to Courier.
        if (letter == 'C' && amount > int.MaxValue)
            return "message limit is beyond 32 bits";

        limit = letter switch
        {
            'S' => limit with { Bytes = amount },
            'C' => limit with { Messages = amount },
            _ => limit,
        };
        return null;
    }

    private static ulong Bit(char letter) => 1UL << (letter - 'A');
}
