using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// Names of folders on disk, RFC 3501 section 5.1.3: ASCII as it is, <c>&amp;-</c> for <c>&amp;</c>, everything else as
/// UTF-16 in base64 between <c>&amp;</c> and <c>-</c>. Pure.
/// </summary>
internal static class ModifiedUtf7
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

    /// <returns>False for what no encoder writes (Dovecot refuses the same): ASCII in base64, half a character, bits
    /// left over, bytes outside of printable ASCII.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> name, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (name.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7e) >= 0)
            return false;
        var decoded = new StringBuilder(name.Length);
        var afterShift = -1;
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '&')
            {
                decoded.Append((char)name[i]);
                continue;
            }

            var length = name[(i + 1)..].IndexOf((byte)'-');
            if (length < 0)
                return false;
            if (length == 0)
                decoded.Append('&');
            // Two shifts in a row could have been one.
            else if (i == afterShift || !TryDecodeShift(name.Slice(i + 1, length), decoded))
                return false;
            i += length + 1;
            afterShift = length > 0 ? i + 1 : -1;
        }

        text = decoded.ToString();
        return true;
    }

    private static bool TryDecodeShift(ReadOnlySpan<byte> base64, StringBuilder decoded)
    {
        int bits = 0, count = 0;
        var high = '\0';
        foreach (var letter in base64)
        {
            var six = Alphabet.IndexOf((char)letter, StringComparison.Ordinal);
            if (six < 0)
                return false;
            bits = (bits << 6) | six;
            count += 6;
            if (count < 16)
                continue;
            count -= 16;
            var unit = (char)(bits >> count);
            bits &= (1 << count) - 1;
            if (unit is >= ' ' and <= '~' || char.IsLowSurrogate(unit) != (high != '\0'))
                return false;
            high = char.IsHighSurrogate(unit) ? unit : '\0';
            decoded.Append(unit);
        }

        return high == '\0' && count < 6 && bits == 0;
    }
}
