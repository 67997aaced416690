using System.Globalization;

namespace MaildirQuotaWatcher.Peers.Judges;

/// <summary>
/// An independent count of a mailbox under Courier's policy: every entry of new/ and cur/ in the root and in each
/// dot-directory but <c>.Trash</c>; not dot-files, not names flagged T; <c>,S=</c> believed, else the file's size.
/// Shares no code with the product.
/// </summary>
internal static class FindJudge
{
    public static (long Bytes, long Messages) Count(string maildir)
    {
        long bytes = 0, messages = 0;
        foreach (var message in Folders(maildir).SelectMany(Entries))
        {
            if (SizeOf(message) is not { } size)
                continue;
            bytes += size;
            messages++;
        }

        return (bytes, messages);
    }

    private static IEnumerable<string> Folders(string maildir) =>
        new DirectoryInfo(maildir).EnumerateDirectories(".*")
            .Where(folder => folder.Name != ".Trash" && folder.LinkTarget is null)
            .Select(folder => folder.FullName)
            .Prepend(maildir);

    private static IEnumerable<string> Entries(string folder) =>
        new[] { "new", "cur" }.Select(part => Path.Combine(folder, part)).Where(Directory.Exists)
            .SelectMany(Directory.EnumerateFileSystemEntries);

    private static long? SizeOf(string path)
    {
        var name = Path.GetFileName(path);
        var colon = name.IndexOf(':');
        var unique = colon < 0 ? name : name[..colon];
        var flags = colon >= 0 && name[colon..].StartsWith(":2,", StringComparison.Ordinal) ? name[(colon + 3)..] : "";
        if (name[0] == '.' || flags.TakeWhile(char.IsAsciiLetterUpper).Contains('T'))
            return null;
        var said = unique.LastIndexOf(",S=", StringComparison.Ordinal);
        if (said >= 0)
        {
            var digits = string.Concat(unique[(said + 3)..].TakeWhile(char.IsAsciiDigit));
            return digits.Length == 0 ? 0 : long.Parse(digits, CultureInfo.InvariantCulture);
        }

        var file = new FileInfo(path);
        return file.Exists ? file.Length : null;
    }
}
