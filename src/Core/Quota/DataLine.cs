using System.Globalization;

namespace MaildirQuotaWatcher.Quota;

/// <summary>
/// Reads one data line of <c>maildirsize</c>, <c>^ *-?[0-9]+ +-?[0-9]+$</c>: what Courier, Exim and Dovecot all take
/// and all read alike. Only <see cref="LedgerLines"/> calls it.
/// </summary>
internal static class DataLine
{
    /// <param name="line">The line without its LF.</param>
    /// <param name="delta">What it adds.</param>
    /// <returns>What is wrong, in plain words, or null when the line is sound.</returns>
    public static string? Read(ReadOnlySpan<byte> line, out UsageDelta delta)
    {
        delta = default;
        if (ForeignByte(line) is { } foreign)
            return foreign;

        var rest = line.TrimStart((byte)' ');
        if (rest.IsEmpty)
            return "is blank";
        var bytesText = TakeNumber(ref rest);
        if (bytesText.IsEmpty)
            return "does not begin with a number of bytes";
        if (!rest.IsEmpty && rest[0] != ' ')
            return "no blank after the number of bytes";

        rest = rest.TrimStart((byte)' ');
        if (rest.IsEmpty)
            return "no message count";
        var messagesText = TakeNumber(ref rest);
        if (messagesText.IsEmpty)
            return "message count is not a number";
        if (!rest.IsEmpty)
            return rest.TrimStart((byte)' ').IsEmpty ? "blank at the end" : "something after the message count";

        if (!long.TryParse(bytesText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var bytes))
            return "number of bytes is beyond 64 bits";
        if (!int.TryParse(messagesText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var messages))
            return "message count is beyond 32 bits";

        delta = new UsageDelta(bytes, messages);
        return null;
    }

    // Bytes that do not show in a log deserve to be named.
    private static string? ForeignByte(ReadOnlySpan<byte> line)
    {
        var at = line.IndexOfAny((byte)'\0', (byte)'\r', (byte)'\t');
        return at < 0 ? null : line[at] switch
        {
            (byte)'\0' => "contains a NUL byte",
            (byte)'\r' => "contains a CR",
            _ => "contains a tab",
        };
    }

    private static ReadOnlySpan<byte> TakeNumber(ref ReadOnlySpan<byte> rest)
    {
        var sign = rest is [(byte)'-', ..] ? 1 : 0;
        var digits = rest[sign..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var end = digits < 0 ? rest.Length : sign + digits;
        if (end == sign)
            return default;
        var number = rest[..end];
        rest = rest[end..];
        return number;
    }
}
