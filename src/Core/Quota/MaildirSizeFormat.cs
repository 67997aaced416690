namespace MaildirQuotaWatcher.Quota;

/// <summary>Reads and writes the bytes of <c>maildirsize</c>. Pure; never throws on foreign bytes.</summary>
public static class MaildirSizeFormat
{
    /// <summary>At this length every program recounts (Maildir++: 5120 bytes).</summary>
    public const int RecalculateLength = 5120;

    /// <summary>Longest data line, LF included: two signed 64-bit numbers and a blank.</summary>
    public const int MaximumLine = 42;

    /// <summary>Parses the start of a file.</summary>
    /// <param name="content">The first bytes of the file, up to all of them.</param>
    /// <param name="fileLength">Length of the whole file in bytes, at least <c>content.Length</c>.</param>
    public static MaildirSize Parse(ReadOnlySpan<byte> content, long fileLength) => throw new NotSupportedException();

    /// <summary>Formats one data line, LF included, without allocating.</summary>
    /// <returns>The bytes written, at most 42.</returns>
    public static int FormatLine(UsageDelta delta, Span<byte> destination) => throw new NotSupportedException();

    /// <summary>Formats a header without LF: <c>100S,5C</c>, <c>5C</c>, <c>0S</c> for unlimited.</summary>
    public static byte[] FormatHeader(QuotaLimit limit) => throw new NotSupportedException();
}
