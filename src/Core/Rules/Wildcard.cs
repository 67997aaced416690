using System.Text;

namespace MaildirQuotaWatcher.Rules;

/// <summary>
/// Dovecot's wildcards: <c>*</c> any run, <c>/</c> too, <c>?</c> exactly one character. No escape. Pure; never more
/// steps than the product of both lengths.
/// </summary>
internal static class Wildcard
{
    public static bool Matches(string text, string mask) => Matches(text, mask, StringComparison.Ordinal);

    /// <param name="comparison">Ordinal, or OrdinalIgnoreCase for <c>quota_over_flag_value</c>.</param>
    public static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<char> mask, StringComparison comparison)
    {
        // On a mismatch the last star takes one character more; an earlier star never has to.
        int at = 0, maskAt = 0, star = -1, starTook = 0;
        while (at < text.Length)
        {
            if (maskAt < mask.Length && mask[maskAt] == '*')
            {
                star = maskAt++;
                starTook = at;
            }
            else if (maskAt < mask.Length && mask[maskAt] == '?')
            {
                maskAt++;
                _ = Rune.DecodeFromUtf16(text[at..], out _, out var length);
                at += length;
            }
            else if (maskAt < mask.Length && mask.Slice(maskAt, 1).Equals(text.Slice(at, 1), comparison))
            {
                maskAt++;
                at++;
            }
            else if (star >= 0)
            {
                maskAt = star + 1;
                at = ++starTook;
            }
            else
            {
                return false;
            }
        }

        return mask[maskAt..].TrimStart('*').IsEmpty;
    }
}
