using System.Text;

namespace MaildirQuotaWatcher.Rules;

/// <summary>The names by which rules know folders. Pure; never throws.</summary>
public static class FolderText
{
    /// <summary>
    /// Dovecot's virtual name with <c>/</c> as separator: <c>.Archive.Old</c> is <c>Archive/Old</c>, the mailbox itself
    /// <c>INBOX</c>. Modified UTF-7 (RFC 3501, 5.1.3) is decoded; a name that is none stays as it is, taken as UTF-8.
    /// </summary>
    /// <param name="directoryName">With its leading dot; empty for INBOX; <c>.A/.B</c> for a folder inside a folder
    /// (Exim).</param>
    public static string Virtual(ReadOnlySpan<byte> directoryName)
    {
        if (directoryName.IsEmpty)
            return "INBOX";
        var text = ModifiedUtf7.TryDecode(directoryName, out var decoded)
            ? decoded
            : Encoding.UTF8.GetString(directoryName);
        // Base64 knows neither dot nor slash as a character of its own, so what is one now was one on disk.
        return (text[0] == '.' ? text[1..] : text).Replace("/.", "/", StringComparison.Ordinal).Replace('.', '/');
    }
}
