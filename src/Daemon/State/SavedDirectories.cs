using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;

namespace MaildirQuotaWatcher.State;

/// <summary>Walks the directories of a <see cref="SavedMailbox"/>.</summary>
internal ref struct SavedDirectories
{
    private ReadOnlySpan<byte> _rest;
    private ulong _identity;
    private long _stamp;

    internal SavedDirectories(ReadOnlySpan<byte> encoded) => _rest = encoded;

    /// <summary>After the last <see cref="TryNext"/>: nothing is left that could not be read.</summary>
    internal readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>The next one; false at the end.</summary>
    public bool TryNext(out SavedDirectory directory)
    {
        directory = default;
        var rest = _rest;
        if (!Varint.TryRead(ref rest, out ulong identity) || !Varint.TryRead(ref rest, out ulong stamp)
            || !Varint.TryRead(ref rest, out long bytes) || !Varint.TryRead(ref rest, out long messages)
            || !SavedSizes.TryRead(ref rest, out var unsized))
            return false;
        _identity = unchecked(_identity + (ulong)Varint.UnZigZag(identity));
        _stamp = unchecked(_stamp + Varint.UnZigZag(stamp));
        if (_stamp <= 0)
            return false;

        _rest = rest;
        directory = new SavedDirectory
        {
            Identity = _identity, Stamp = _stamp, Usage = new Usage(bytes, messages), Unsized = unsized,
        };
        return true;
    }
}
