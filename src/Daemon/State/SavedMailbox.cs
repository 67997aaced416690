using System.Buffers.Binary;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.State;

/// <summary>
/// What is known of one mailbox when the daemon ends, read from the bytes that <see cref="SavedMailboxWriter"/> made:
/// a restart counts only the directories whose change times are others now. Made without allocation; valid as long as
/// its bytes are.
/// </summary>
/// <remarks>
/// Format: version (1 byte); seal (8 bytes, little-endian: <see cref="NameHash"/> of the rest under the store's secret
/// key, so that torn bytes and those of another store are refused alike); varints device, inode, saved at; policy (8
/// bytes); then directories up to the end, each of varints: identity and stamp, as zigzag differences from the
/// directory before (from 0 the first); bytes; messages; number of unsized messages, and for each of them hash (8
/// bytes) and bytes.
/// </remarks>
internal readonly ref struct SavedMailbox
{
    internal const byte Version = 1;

    /// <summary>Bytes before those that are sealed.</summary>
    internal const int Head = 1 + sizeof(ulong);

    private readonly ReadOnlySpan<byte> _directories;

    private SavedMailbox(ulong device, ulong inode, long savedAt, ulong policy, ReadOnlySpan<byte> directories)
    {
        (Device, Inode, SavedAt, Policy) = (device, inode, savedAt, policy);
        _directories = directories;
    }

    /// <summary>Of the mailbox's root.</summary>
    public ulong Device { get; }

    /// <summary>Of the mailbox's root.</summary>
    public ulong Inode { get; }

    /// <summary>Seconds since 1970.</summary>
    public long SavedAt { get; }

    /// <summary>Fingerprint of the way of counting.</summary>
    public ulong Policy { get; }

    /// <summary>The directories, in the order written; may be taken any number of times.</summary>
    public SavedDirectories Directories => new(_directories);

    /// <summary>
    /// Reads all of it once; false, whatever the bytes, when they are not exactly what was sealed with this key.
    /// </summary>
    public static bool TryRead(NameHash key, ReadOnlySpan<byte> bytes, out SavedMailbox mailbox)
    {
        mailbox = default;
        if (bytes.Length < Head || bytes[0] != Version
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]) != key.Of(bytes[Head..]))
            return false;

        var rest = bytes[Head..];
        if (!Varint.TryRead(ref rest, out ulong device) || !Varint.TryRead(ref rest, out ulong inode)
            || !Varint.TryRead(ref rest, out long savedAt)
            || !BinaryPrimitives.TryReadUInt64LittleEndian(rest, out var policy))
            return false;

        mailbox = new SavedMailbox(device, inode, savedAt, policy, rest[sizeof(ulong)..]);
        var directories = mailbox.Directories;
        while (directories.TryNext(out _))
        {
        }

        return directories.IsAtEnd;
    }
}
