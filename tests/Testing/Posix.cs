using System.Runtime.InteropServices;
using System.Text;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.Testing;

/// <summary>
/// The few system calls that test mailboxes need and .NET has not, on paths that are bytes. A failure is an
/// <see cref="IOException"/>: tests have no use for less.
/// </summary>
internal static partial class Posix
{
    private const int AtCurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStats = 0x7ff;

    public static void MakeDirectory(byte[] path) => Check(mkdir(Terminated(path), 0b111_000_000), path);

    public static void MakeFifo(byte[] path) => Check(mkfifo(Terminated(path), 0b110_000_000), path);

    public static void Link(byte[] existing, byte[] path) => Check(link(Terminated(existing), Terminated(path)), path);

    public static void SymbolicLink(byte[] target, byte[] path) =>
        Check(symlink(Terminated(target), Terminated(path)), path);

    public static void MakeFile(byte[] path, long bytes)
    {
        var descriptor = creat(Terminated(path), 0b110_000_000);
        Check(descriptor, path);
        Check(ftruncate(descriptor, bytes), path);
        Check(close(descriptor), path);
    }

    /// <summary>st_size, links followed; of directories too, which .NET does not tell.</summary>
    public static long SizeOf(byte[] path) =>
        Stat(path) is { Exists: true } stat ? stat.Bytes : throw new IOException("nothing to stat");

    /// <summary>stat(2) or lstat(2); any failure is an entry that does not exist.</summary>
    public static MessageStat Stat(byte[] path, bool follow = true)
    {
        var buffer = new byte[256];
        if (statx(AtCurrentDirectory, Terminated(path), follow ? 0 : NoFollow, BasicStats, buffer) < 0)
            return new MessageStat(false, EntryKind.Other, 0, 0);

        // statx(2): stx_nlink at 16, stx_mode at 28, stx_size at 40.
        var kind = (BitConverter.ToUInt16(buffer, 28) & 0xF000) switch
        {
            0x8000 => EntryKind.File,
            0x4000 => EntryKind.Directory,
            0xA000 => EntryKind.SymbolicLink,
            _ => EntryKind.Other,
        };
        return new MessageStat(true, kind, BitConverter.ToInt64(buffer, 40), BitConverter.ToUInt32(buffer, 16));
    }

    private static byte[] Terminated(byte[] path) => [.. path, 0];

    private static void Check(int result, byte[] path)
    {
        if (result < 0)
            throw new IOException($"{Encoding.UTF8.GetString(path)}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdir(byte[] path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkfifo(byte[] path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int creat(byte[] path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int descriptor, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int link(byte[] existing, byte[] path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int symlink(byte[] target, byte[] path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int directory, byte[] path, int flags, uint mask, [Out] byte[] buffer);
}
