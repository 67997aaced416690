using System.Buffers;
using System.Globalization;
using System.Text;

namespace MaildirQuotaWatcher.Linux;

/// <summary>Makes file names, which are any bytes, fit for a log line or a terminal.</summary>
internal static class ByteText
{
    /// <summary>Keeps valid UTF-8 text; bytes that are not, and control or direction characters, become \xNN.</summary>
    public static string Display(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            var isText = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done;
            if (isText && IsVisible(rune))
                text.Append(rune.ToString());
            else
                foreach (var value in bytes[..length])
                    text.Append("\\x").Append(value.ToString("X2"));
            bytes = bytes[length..];
        }

        return text.ToString();
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
