using System.Runtime.InteropServices;

namespace MaildirQuotaWatcher.Linux;

/// <summary>
/// What name_to_handle_at(2) and fanotify(7) call a directory, exactly, with the file system it is of: 24 bytes.
/// Handles of ext4 and xfs have 8 or 12 bytes, of tmpfs 12, of btrfs 20, which is the most that fits.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileHandle
{
    public const int MaxLength = 20;

    private ulong _first;
    private ulong _second;
    private uint _third;
    private byte _length;
    private byte _type;

    /// <summary>Number of the file system, from 1; 0 in a handle that is none.</summary>
    public byte FileSystem;

    /// <summary>Free for whoever keeps the handle; not compared.</summary>
    public byte Extra;

    /// <summary>False when the handle is too long, or of a type no file system has.</summary>
    public static bool TryCreate(byte fileSystem, int type, ReadOnlySpan<byte> bytes, out FileHandle handle)
    {
        handle = default;
        if (bytes.Length > MaxLength || type is < 0 or > byte.MaxValue)
            return false;
        handle.FileSystem = fileSystem;
        handle._type = (byte)type;
        handle._length = (byte)bytes.Length;
        bytes.CopyTo(MemoryMarshal.AsBytes(new Span<FileHandle>(ref handle)));
        return true;
    }

    public readonly bool IsSame(in FileHandle other) =>
        _first == other._first && _second == other._second && _third == other._third
        && _length == other._length && _type == other._type && FileSystem == other.FileSystem;

    /// <summary>Well mixed in its upper bits.</summary>
    /// <param name="seed">Random, one a process: users choose which directories there are.</param>
    public readonly ulong Hash(ulong seed)
    {
        var rest = _third | ((ulong)_length << 32) | ((ulong)_type << 40) | ((ulong)FileSystem << 48);
        var hash = (_first ^ seed) * 0x9e3779b97f4a7c15;
        hash = (hash ^ (hash >> 32) ^ _second) * 0xd6e8feb86659fd93;
        hash = (hash ^ (hash >> 32) ^ rest) * 0xc2b2ae3d27d4eb4f;
        return hash ^ (hash >> 29) * 0x9e3779b97f4a7c15;
    }
}
