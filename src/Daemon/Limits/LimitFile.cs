using System.Text;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Limits;

/// <summary>Reads a text file of limits as a whole, and knows it again.</summary>
internal static class LimitFile
{
    /// <summary>So often a file is read again that changes while it is read.</summary>
    private const int Attempts = 3;

    /// <summary>The files of a path: itself, or those in the directory and below, by name, no hidden ones.</summary>
    /// <exception cref="LimitSourceException">It is not there or cannot be read.</exception>
    public static IReadOnlyList<string> FilesAt(string path) => Guard(path, () =>
        !Directory.Exists(path)
            ? [path]
            : (IReadOnlyList<string>)[.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Where(file => !Path.GetRelativePath(path, file).Split('/').Any(part => part.StartsWith('.')))
                .Order(StringComparer.Ordinal)]);

    /// <summary>Changes whenever the file does: its size and time.</summary>
    /// <exception cref="LimitSourceException">It is not there or cannot be read.</exception>
    public static string Stamp(string path) => Guard(path, () =>
    {
        var file = new FileInfo(path);
        return file.Exists || Directory.Exists(path)
            ? $"{(file.Exists ? file.Length : 0)} {file.LastWriteTimeUtc.Ticks} {file.CreationTimeUtc.Ticks}"
            : throw new FileNotFoundException();
    });

    /// <summary>All lines, without their ends. A file that changes meanwhile is read again.</summary>
    /// <exception cref="LimitSourceException">It is not there or cannot be read, or never stands still.</exception>
    /// <param name="read">Null reads the file.</param>
    public static IReadOnlyList<string> ReadLines(string path, Func<string, string>? read = null) => Guard(path, () =>
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = Stamp(path);
            // A FIFO would keep us until somebody writes, a device may have no end.
            if (Files.Stat(BytePath.FromString(path), followLinks: true, out var status, out _)
                && status.Kind != FileKind.Regular)
                throw new LimitSourceException($"{path} is no regular file; put one there");
            var text = read is null ? File.ReadAllText(path, Encoding.UTF8) : read(path);
            // What a crash leaves of a file that was being written.
            if (text.Contains('\0', StringComparison.Ordinal))
                throw new LimitSourceException($"{path} is no text, it holds NUL bytes; write it again");
            if (Stamp(path) == before)
                return text.Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
            // Half a file would take the limits of the other half away.
            if (attempt == Attempts)
                throw new LimitSourceException($"{path} changes while it is read; write another, then rename it");
        }
    });

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var (what, cure) = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => ("is not there", "create it, or name another"),
                UnauthorizedAccessException => ("may not be read", "check its owner and mode"),
                _ => ($"cannot be read ({e.Message.TrimEnd('.')})", "check the file system"),
            };
            throw new LimitSourceException($"{path} {what}; {cure}", inner: e);
        }
    }
}
