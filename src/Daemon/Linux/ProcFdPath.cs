using System.Buffers.Text;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// <c>/proc/self/fd/N</c>: names the open file itself to a call that takes only paths. The kernel jumps to the file; no
/// name is looked up again that somebody could have changed meanwhile (proc(5)).
/// </summary>
internal static class ProcFdPath
{
    /// <summary>Bytes that hold any such path with its NUL.</summary>
    public const int MaxLength = 32;

    /// <summary>Writes the path and its NUL.</summary>
    public static void Format(int fd, Span<byte> destination)
    {
        var prefix = "/proc/self/fd/"u8;
        prefix.CopyTo(destination);
        Utf8Formatter.TryFormat(fd, destination[prefix.Length..], out var digits);
        destination[prefix.Length + digits] = 0;
    }
}
