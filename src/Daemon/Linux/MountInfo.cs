using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// <c>/proc/self/mountinfo</c>, see proc_pid_mountinfo(5). Whoever may mount writes names into it: the kernel escapes
/// blanks and <c>\n</c>, but a <c>\r</c>, at which .NET ends a line too, stands there as it is.
/// </summary>
internal static class MountInfo
{
    public const string Path = "/proc/self/mountinfo";

    /// <summary>Its lines as they are now; each byte is one character.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<string> ReadLines() => Lines(File.ReadAllBytes(Path));

    /// <summary>The same, of one that is open already: also when there are no more descriptors to be had.</summary>
    public static IReadOnlyList<string> ReadLines(Descriptor open)
    {
        using var handle = new SafeFileHandle(open.Number, ownsHandle: false);
        using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0) { Position = 0 };
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Lines(bytes.ToArray());
    }

    internal static string[] Lines(ReadOnlySpan<byte> text) =>
        Encoding.Latin1.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
