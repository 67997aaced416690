using System.Buffers;
using System.Buffers.Binary;
using MaildirQuotaWatcher.Maildir;

namespace MaildirQuotaWatcher.State;

/// <summary>
/// Makes the bytes of a <see cref="SavedMailbox"/>: <see cref="Begin"/>, <see cref="Add"/> for each directory, followed
/// by <see cref="AddUnsized"/> for each of its unsized messages, <see cref="End"/>. Its buffer is used again for the
/// next mailbox: keep one a thread.
/// </summary>
/// <param name="key">The store's <see cref="TotalsStore.NameKey"/>.</param>
internal sealed class SavedMailboxWriter(NameHash key)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1024);
    private Range? _folder;
    private ulong _rootDevice;
    private long _savedAt;
    private ulong _inode;
    private long _modified;
    private int _unsizedLeft;

    /// <param name="device">Of the mailbox's root.</param>
    /// <param name="inode">Of the mailbox's root.</param>
    /// <param name="rootChanged">ctime of the root, nanoseconds since 1970.</param>
    /// <param name="savedAt">Now, seconds since 1970.</param>
    /// <param name="policy">Fingerprint of the way of counting.</param>
    public void Begin(ulong device, ulong inode, long rootChanged, long savedAt, ulong policy)
    {
        _bytes.ResetWrittenCount();
        (_rootDevice, _savedAt, _inode, _modified) = (device, savedAt, inode, rootChanged);
        (_folder, _unsizedLeft) = (null, 0);
        _bytes.GetSpan(SavedMailbox.Head)[0] = SavedMailbox.Version;
        _bytes.Advance(SavedMailbox.Head);
        Number(device);
        Number(inode);
        Number((ulong)rootChanged);
        Number((ulong)savedAt);
        Word(policy);
    }

    /// <summary>Directories of one folder one after the other take the least room.</summary>
    /// <exception cref="InvalidOperationException">Unsized messages of the one before are missing.</exception>
    public void Add(in SavedDirectory directory)
    {
        ExpectComplete();
        var sameFolder = _folder is { } last && directory.Folder.SequenceEqual(_bytes.WrittenSpan[last]);
        var flags = directory.Half;
        if (sameFolder)
            flags |= SavedDirectories.SameFolder;
        if (directory.Device == _rootDevice)
            flags |= SavedDirectories.SameDevice;
        if (directory.Changed == directory.Modified)
            flags |= SavedDirectories.SameTimes;
        if (directory.Unsized.Count > 0)
            flags |= SavedDirectories.HasUnsized;
        _bytes.Write([flags]);

        if (!sameFolder)
        {
            Name(directory.Folder);
            _folder = (_bytes.WrittenCount - directory.Folder.Length).._bytes.WrittenCount;
        }

        if (directory.Half == SavedDirectory.Nested)
            Name(directory.Path);
        if (directory.Device != _rootDevice)
            Number(directory.Device);
        Difference((long)_inode, (long)directory.Inode);
        Difference(_modified, directory.Modified);
        if (directory.Changed != directory.Modified)
            Difference(directory.Modified, directory.Changed);
        Number((ulong)directory.Bytes);
        Number((ulong)directory.Messages);
        Difference(_savedAt, directory.CountedAt);
        if (directory.Unsized.Count > 0)
            Number((ulong)directory.Unsized.Count);
        (_inode, _modified, _unsizedLeft) = (directory.Inode, directory.Modified, directory.Unsized.Count);
    }

    /// <summary>One of the unsized messages announced with the last directory.</summary>
    public void AddUnsized(ulong nameHash, long bytes)
    {
        _unsizedLeft--;
        Word(nameHash);
        Number((ulong)bytes);
    }

    /// <summary>The bytes, sealed.</summary>
    /// <exception cref="InvalidOperationException">Other than the announced number of unsized messages.</exception>
    public byte[] End()
    {
        ExpectComplete();
        var bytes = _bytes.WrittenSpan.ToArray();
        Seal(key, bytes);
        return bytes;
    }

    internal static void Seal(NameHash key, byte[] bytes) =>
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), key.Of(bytes.AsSpan(SavedMailbox.Head)));

    private void ExpectComplete()
    {
        if (_unsizedLeft != 0)
            throw new InvalidOperationException($"{_unsizedLeft} unsized messages of the last directory are missing");
    }

    private void Name(ReadOnlySpan<byte> name)
    {
        Number((ulong)name.Length);
        _bytes.Write(name);
    }

    private void Number(ulong value) => _bytes.Advance(Varint.Write(_bytes.GetSpan(Varint.Longest), value));

    private void Difference(long from, long to) => Number(Varint.ZigZag(unchecked(to - from)));

    private void Word(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(sizeof(ulong)), value);
        _bytes.Advance(sizeof(ulong));
    }
}
