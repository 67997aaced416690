using System.Text;

namespace MaildirQuotaWatcher.Limits;

/// <summary>
/// Makes any text harmless in an LDAP filter (RFC 4515) and in a distinguished name (RFC 4514): both know a backslash
/// and two hex digits for a byte of UTF-8. All but letters, digits and <c>@ . _ -</c> is written so.
/// </summary>
internal static class LdapEscape
{
    public static string Text(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var value in Encoding.UTF8.GetBytes(text))
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'@' or (byte)'.' or (byte)'_' or (byte)'-')
                safe.Append((char)value);
            else
                safe.Append('\\').Append(value.ToString("x2"));
        return safe.ToString();
    }
}
