using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MaildirQuotaWatcher.Testing.Messages;

/// <summary>
/// A message as a mail program would show it: header lines unfolded and their encoded words decoded (RFC 2047), the
/// text decoded from quoted-printable (RFC 2045) where its header says so. For messages of one part in UTF-8.
/// </summary>
public sealed partial class MailText
{
    private readonly List<(string Name, string Text)> _headers = [];

    /// <param name="message">Lines end in LF or CRLF.</param>
    /// <exception cref="FormatException">A header line is none, or bytes that must be ASCII or UTF-8 are not.</exception>
    public MailText(byte[] message)
    {
        Raw = Strict(message).ReplaceLineEndings("\n");
        var end = Raw.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0)
            throw new FormatException("no empty line after the header");
        foreach (var line in Folding().Replace(Raw[..end], " ").Split('\n'))
        {
            var match = HeaderLine().Match(line);
            if (!match.Success)
                throw new FormatException($"no header line: {line}");
            _headers.Add((match.Groups[1].Value, Decode(match.Groups[2].Value)));
        }

        var text = Raw[(end + 2)..];
        Text = this["Content-Transfer-Encoding"] == "quoted-printable" ? Unquote(text) : text;
    }

    /// <summary>As it came.</summary>
    public string Raw { get; }

    /// <summary>The decoded text.</summary>
    public string Text { get; }

    /// <summary>Header names in their order.</summary>
    public IEnumerable<string> Names => _headers.Select(header => header.Name);

    /// <summary>The only header line of that name, decoded; null when there is none.</summary>
    public string? this[string name] =>
        _headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Text)
            .SingleOrDefault();

    /// <summary>The whole message, decoded.</summary>
    public override string ToString() =>
        string.Concat(_headers.Select(header => $"{header.Name}: {header.Text}\n")) + "\n" + Text;

    private static string Strict(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (ArgumentException error)
        {
            throw new FormatException("not UTF-8", error);
        }
    }

    private static string Decode(string header) => EncodedWord().Replace(
        BetweenWords().Replace(header, "$1"), word => Strict(Bytes(word.Groups[1].Value.Replace('_', ' '))));

    private static string Unquote(string text) => Strict(Bytes(text.Replace("=\n", "", StringComparison.Ordinal)));

    private static byte[] Bytes(string quoted)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] > 126)
                throw new FormatException("quoted-printable holds a byte that is not ASCII");
            bytes.Add(quoted[i] == '='
                ? byte.Parse(quoted.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                : (byte)quoted[i]);
            i += quoted[i] == '=' ? 2 : 0;
        }

        return [.. bytes];
    }

    [GeneratedRegex(@"\n[ \t]+")]
    private static partial Regex Folding();

    [GeneratedRegex("^([!-9;-~]+): ?(.*)$")]
    private static partial Regex HeaderLine();

    [GeneratedRegex(@"=\?UTF-8\?Q\?([^? ]*)\?=", RegexOptions.IgnoreCase)]
    private static partial Regex EncodedWord();

    [GeneratedRegex(@"(\?=)\s+(?==\?)")]
    private static partial Regex BetweenWords();
}
