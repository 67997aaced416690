using System.Buffers.Text;
using System.Text;

namespace MaildirQuotaWatcher.Quota;

/// <summary>Reads and writes the bytes of <c>maildirsize</c>. Pure; never throws on foreign bytes.</summary>
/// <remarks>
/// Implementation notes: the law is table 8.1 of the conformance vectors (<c>tests/Goldens/maildirsize</c>). Sound
/// means that Courier, Exim and Dovecot accept the file <em>and</em> read the same from it; anything else is replaced,
/// since an append to a file that one of them rejects is an append that is lost.
/// </remarks>
public static class MaildirSizeFormat
{
    /// <summary>At this length every program recounts (Maildir++: 5120 bytes).</summary>
    public const int RecalculateLength = 5120;

    /// <summary>Longest data line, LF included: two signed 64-bit numbers and a blank.</summary>
    public const int MaximumLine = 42;

    /// <summary>Parses the start of a file.</summary>
    /// <param name="content">The first bytes of the file, up to all of them.</param>
    /// <param name="fileLength">Length of the whole file in bytes, at least <c>content.Length</c>.</param>
    public static MaildirSize Parse(ReadOnlySpan<byte> content, long fileLength)
    {
        var length = Math.Max(fileLength, content.Length);
        var complete = content.Length == length;
        var headerEnd = content.IndexOf((byte)'\n');
        var header = headerEnd < 0 ? content : content[..headerEnd];

        var headerProblem = ReadHeader(header, headerEnd >= 0, complete, out var limit);
        var lines = LedgerLines.Read(headerEnd < 0 ? default : content[(headerEnd + 1)..], complete);
        var notRead = complete ? null : $"only {content.Length} of {length} bytes were read";
        var problem = headerProblem ?? lines.Problem ?? notRead;
        var reason = Judge(length, problem, lines);

        return new MaildirSize
        {
            Header = header.ToArray(),
            Limit = limit,
            Usage = complete && lines.Problem is null ? lines.Sum : null,
            Lines = lines.Count,
            Length = length,
            Recalculate = reason,
            Problem = reason switch
            {
                RecalcReason.TooLong => $"{length} bytes long" + (problem is null ? null : $"; {problem}"),
                RecalcReason.NegativeTotal => $"the lines add up to {lines.Sum}",
                RecalcReason.HeaderOnly => "no data line after the header",
                _ => problem,
            },
        };
    }

    /// <summary>Formats one data line, LF included, without allocating.</summary>
    /// <returns>The bytes written, at most 42.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short for the line.</exception>
    public static int FormatLine(UsageDelta delta, Span<byte> destination)
    {
        if (!Utf8Formatter.TryFormat(delta.Bytes, destination, out var written) || written >= destination.Length)
            throw TooShort();
        destination[written++] = (byte)' ';
        if (!Utf8Formatter.TryFormat(delta.Messages, destination[written..], out var more) ||
            written + more >= destination.Length)
            throw TooShort();
        written += more;
        destination[written++] = (byte)'\n';
        return written;

        static ArgumentException TooShort() => new("A data line takes up to 42 bytes.", nameof(destination));
    }

    /// <summary>Formats a header without LF: <c>100S,5C</c>, <c>5C</c>, <c>0S</c> for unlimited.</summary>
    public static byte[] FormatHeader(QuotaLimit limit) => Encoding.ASCII.GetBytes(limit switch
    {
        { Messages: 0 } => $"{limit.Bytes}S",
        { Bytes: 0 } => $"{limit.Messages}C",
        _ => $"{limit.Bytes}S,{limit.Messages}C",
    });

    private static string? ReadHeader(ReadOnlySpan<byte> header, bool terminated, bool complete, out QuotaLimit? limit)
    {
        limit = null;
        if (!terminated && !complete)
            return "line 1: the header is longer than what was read";
        if (!terminated && header.IsEmpty)
            return "the file is empty";
        var problem = LedgerHeader.Read(header, out limit) ?? (terminated ? null : "no LF at the end of the header");
        return problem is null ? null : $"line 1: {problem}";
    }

    private static RecalcReason? Judge(long length, string? problem, in LedgerLines lines)
    {
        if (length >= RecalculateLength)
            return RecalcReason.TooLong;
        if (problem is not null)
            return RecalcReason.Malformed;
        if (lines.Sum.Bytes < 0 || lines.Sum.Messages < 0)
            return RecalcReason.NegativeTotal;
        return lines.Count == 0 ? RecalcReason.HeaderOnly : null;
    }
}
