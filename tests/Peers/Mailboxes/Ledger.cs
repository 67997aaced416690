using System.Globalization;
using System.Text;
using Mono.Unix.Native;

namespace MaildirQuotaWatcher.Peers.Mailboxes;

/// <summary>
/// What a <c>maildirsize</c> said at one moment, read by the test's own few lines and not by the product's parser.
/// Only for files that every program would read the same way.
/// </summary>
internal sealed record Ledger(string Text, ulong Inode, uint Uid, uint Gid, FilePermissions Mode)
{
    public string Header => Text.Split('\n')[0];

    /// <summary>The data lines as they stand, without their LF.</summary>
    public string[] Lines => Text.Split('\n')[1..^1];

    public (long Bytes, long Messages) Usage =>
        Lines.Select(Parse).Aggregate(
            (Bytes: 0L, Messages: 0L),
            (sum, line) => (sum.Bytes + line.Bytes, sum.Messages + line.Messages));

    /// <summary>Null when there is no such file. Closed at once: an open descriptor looks like a writer.</summary>
    public static Ledger? Read(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            if (Syscall.fstat((int)file.DangerousGetHandle(), out var stat) != 0)
                throw new IOException($"fstat({path}) failed: {Stdlib.strerror(Stdlib.GetLastError())}");
            var room = new byte[1 << 16];
            var length = RandomAccess.Read(file, room, 0);
            var text = Encoding.ASCII.GetString(room, 0, length);
            return new Ledger(text, stat.st_ino, stat.st_uid, stat.st_gid, stat.st_mode);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static (long Bytes, long Messages) Parse(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 2
            && long.TryParse(words[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var bytes)
            && long.TryParse(words[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var messages)
            ? (bytes, messages)
            : throw new FormatException($"not a line of maildirsize: [{line}]");
    }
}
