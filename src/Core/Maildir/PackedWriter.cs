using System.Buffers;

namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// Makes the bytes that a mailbox at rest is kept as; a <see cref="PackedReader"/> takes the same things out in the
/// same order. For this process only: the format may change with every build. Used again for the next mailbox.
/// </summary>
public sealed class PackedWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1024);

    /// <summary>Begins anew.</summary>
    public void Clear() => _bytes.ResetWrittenCount();

    /// <summary>A number that is never negative; small ones take one byte.</summary>
    public void Number(long value) => Unsigned(checked((ulong)value));

    /// <inheritdoc cref="Number"/>
    public void Unsigned(ulong value) => _bytes.Advance(Varint.Write(_bytes.GetSpan(Varint.Longest), value));

    /// <summary>A number of either sign; those near 0 take one byte.</summary>
    public void Signed(long value) => Unsigned(Varint.ZigZag(value));

    /// <summary>At most eight answers, in one byte.</summary>
    public void Flags(params ReadOnlySpan<bool> flags)
    {
        var bits = 0UL;
        for (var flag = 0; flag < flags.Length; flag++)
            bits |= flags[flag] ? 1UL << flag : 0;
        _bytes.GetSpan(1)[0] = checked((byte)bits);
        _bytes.Advance(1);
    }

    /// <summary>A name.</summary>
    public void Name(ReadOnlySpan<byte> name)
    {
        Number(name.Length);
        name.CopyTo(_bytes.GetSpan(name.Length));
        _bytes.Advance(name.Length);
    }

    /// <summary>A copy of all that was written since <see cref="Clear"/>.</summary>
    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();
}
