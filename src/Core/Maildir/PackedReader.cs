namespace MaildirQuotaWatcher.Maildir;

/// <summary>Takes out of bytes what a <see cref="PackedWriter"/> has put into them, in the same order.</summary>
/// <param name="bytes">All of them.</param>
/// <exception cref="InvalidOperationException">From each member: they end too early, a fault of this
/// program.</exception>
public ref struct PackedReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <inheritdoc cref="PackedWriter.Number"/>
    public long Number() => (long)Unsigned();

    /// <inheritdoc cref="PackedWriter.Unsigned"/>
    public ulong Unsigned() => Varint.TryRead(ref _rest, out ulong value) ? value : throw TooShort();

    /// <inheritdoc cref="PackedWriter.Signed"/>
    public long Signed() => Varint.UnZigZag(Unsigned());

    /// <inheritdoc cref="PackedWriter.Flags"/>
    public PackedFlags Flags() => new(Take(1)[0]);

    /// <inheritdoc cref="PackedWriter.Name"/>
    public ReadOnlySpan<byte> Name() => Take((int)Number());

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
            throw TooShort();
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private static InvalidOperationException TooShort() => new("a mailbox at rest was kept in too few bytes");
}

/// <summary>The answers of one <see cref="PackedWriter.Flags"/>, by their place.</summary>
public readonly struct PackedFlags(byte bits)
{
    /// <summary>The answer at that place, from 0.</summary>
    public bool this[int flag] => (bits >> flag & 1) != 0;
}
