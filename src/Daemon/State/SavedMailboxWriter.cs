using System.Buffers;
using System.Buffers.Binary;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

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
    private ulong _identity;
    private long _stamp;
    private int _unsizedLeft;

    /// <param name="device">Of the mailbox's root.</param>
    /// <param name="inode">Of the mailbox's root.</param>
    /// <param name="savedAt">Now, seconds since 1970.</param>
    /// <param name="policy">Fingerprint of the way of counting.</param>
    /// <exception cref="ArgumentOutOfRangeException">Before 1970.</exception>
    public void Begin(ulong device, ulong inode, long savedAt, ulong policy)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(savedAt);
        _bytes.ResetWrittenCount();
        (_identity, _stamp, _unsizedLeft) = (0, 0, 0);
        _bytes.GetSpan(SavedMailbox.Head)[0] = SavedMailbox.Version;
        _bytes.Advance(SavedMailbox.Head);
        Number(device);
        Number(inode);
        Number((ulong)savedAt);
        Word(policy);
    }

    /// <summary>One directory; those made together, one after the other, take the least room.</summary>
    /// <param name="identity">Which directory it is.</param>
    /// <param name="stamp">Its change time, nanoseconds since 1970; above 0.</param>
    /// <param name="usage">What it held then; not negative.</param>
    /// <param name="unsized">So many of its messages will be given to <see cref="AddUnsized"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Stamp, usage or number are out of range: nothing is
    /// added.</exception>
    /// <exception cref="InvalidOperationException">Other than the announced number of unsized messages of the one
    /// before.</exception>
    public void Add(ulong identity, long stamp, Usage usage, int unsized)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stamp);
        ArgumentOutOfRangeException.ThrowIfNegative(usage.Bytes);
        ArgumentOutOfRangeException.ThrowIfNegative(usage.Messages);
        ArgumentOutOfRangeException.ThrowIfNegative(unsized);
        ExpectComplete();
        Number(Varint.ZigZag(unchecked((long)(identity - _identity))));
        Number(Varint.ZigZag(stamp - _stamp));
        Number((ulong)usage.Bytes);
        Number((ulong)usage.Messages);
        Number((ulong)unsized);
        (_identity, _stamp, _unsizedLeft) = (identity, stamp, unsized);
    }

    /// <summary>One of the unsized messages announced with the last directory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Bytes are negative: nothing is added.</exception>
    public void AddUnsized(ulong nameHash, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
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

    private void Number(ulong value) => _bytes.Advance(Varint.Write(_bytes.GetSpan(Varint.Longest), value));

    private void Word(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(sizeof(ulong)), value);
        _bytes.Advance(sizeof(ulong));
    }
}
