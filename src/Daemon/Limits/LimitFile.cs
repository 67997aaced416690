using System.Text;
using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Limits;

/// <summary>Reads a text file of limits as a whole, never one that is being written, and knows it again.</summary>
internal static class LimitFile
{
    /// <summary>Where nobody can say who writes, a file that has not changed for so long is complete.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    /// <summary>Bytes; a million users take a hundred megabytes. What is larger would take all memory.</summary>
    private const long Largest = 256 << 20;

    /// <summary>The files of a path: itself, or those in the directory and below, by name, no hidden ones.</summary>
    /// <exception cref="LimitSourceException">It is not there or cannot be read.</exception>
    public static IReadOnlyList<string> FilesAt(string path) => Guard(path, () =>
    {
        if (!Directory.Exists(path))
            return [path];
        var files = new List<string>();
        Collect(path, [], files);
        files.Sort(StringComparer.Ordinal);
        return files;
    });

    /// <summary>Changes whenever the file does: its size and time.</summary>
    /// <exception cref="LimitSourceException">It is not there or cannot be read.</exception>
    public static string Stamp(string path) => Guard(path, () =>
    {
        var file = new FileInfo(path);
        return file.Exists || Directory.Exists(path)
            ? $"{(file.Exists ? file.Length : 0)} {file.LastWriteTimeUtc.Ticks} {file.CreationTimeUtc.Ticks}"
            : throw new FileNotFoundException();
    });

    /// <summary>
    /// Whether a file that is not there was still there a moment ago, as its directory's time says: many programs
    /// remove a file, or move it away, just before they write it anew.
    /// </summary>
    public static bool IsJustGone(string path) =>
        Files.Stat(BytePath.FromString(Path.GetDirectoryName(path)!), followLinks: true, out var directory, out _)
        && Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - directory.ModifiedSeconds) <= Settled.TotalSeconds;

    /// <summary>All lines, without their ends.</summary>
    /// <remarks>
    /// Half a file would take the limits of the other half away. On a local file system the lease says whether somebody
    /// has it open for writing, and who opens it then waits until it is read. Without (network file systems; a file
    /// that is somebody else's, for who is not root) it must not have changed for two seconds.
    /// </remarks>
    /// <exception cref="LimitSourceException">It is not there or cannot be read, or is being written.</exception>
    /// <param name="takeLease">Null takes <see cref="Lease.TakeRead"/>.</param>
    public static IReadOnlyList<string> ReadLines(string path, Func<int, Errno>? takeLease = null) => Guard(path, () =>
    {
        // A FIFO would keep us until somebody writes, a device may have no end.
        if (Files.Stat(BytePath.FromString(path), followLinks: true, out var status, out _)
            && status.Kind != FileKind.Regular)
            throw new LimitSourceException($"{path} is no regular file; put one there");
        if (status.Length > Largest)
            throw new LimitSourceException($"{path} has {status.Length} bytes, more than {Largest}; split it, or use "
                + "a database");
        var before = Stamp(path);
        Lease.IgnoreBreakSignal();
        using var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var fd = file.SafeFileHandle.DangerousGetHandle().ToInt32();
        var lease = (takeLease ?? Lease.TakeRead)(fd);
        if (lease == Errno.EAGAIN && FileSystemType.Of(fd, out _).Kind == FileSystemKind.Local)
            throw BeingWritten(path);
        if (lease.IsError && (DateTime.UtcNow - File.GetLastWriteTimeUtc(path)).Duration() < Settled)
            throw BeingWritten(path);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var text = reader.ReadToEnd();
        if (Stamp(path) != before)
            throw BeingWritten(path);
        // What a crash leaves of a file that was being written.
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new LimitSourceException($"{path} is no text, it holds NUL bytes; write it again");
        return text.Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
    });

    /// <summary>Links are followed, into each directory once: one that leads upwards has no end.</summary>
    private static void Collect(string directory, HashSet<(ulong Device, ulong Inode)> seen, List<string> files)
    {
        if (!Files.Stat(BytePath.FromString(directory), followLinks: true, out var status, out _)
            || !seen.Add((status.Device, status.Inode)))
            return;
        foreach (var entry in Directory.EnumerateFileSystemEntries(directory))
            if (Path.GetFileName(entry).StartsWith('.'))
                continue;
            else if (Directory.Exists(entry))
                Collect(entry, seen, files);
            else
                files.Add(entry);
    }

    private static LimitSourceException BeingWritten(string path) =>
        new($"{path} is being written; it is read when that is done") { IsBeingWritten = true };

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
            throw new LimitSourceException($"{path} {what}; {cure}", inner: e)
            {
                IsBeingWritten = e is FileNotFoundException && IsJustGone(path),
            };
        }
    }
}
