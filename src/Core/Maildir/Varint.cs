namespace MaildirQuotaWatcher.Maildir;

/// <summary>Whole numbers in 1 to 10 bytes, seven bits each, the lowest first (LEB128).</summary>
public static class Varint
{
    /// <summary>Bytes of the longest.</summary>
    public const int Longest = 10;

    /// <summary>Writes at the start of <paramref name="to"/>, which has room for <see cref="Longest"/> bytes.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> to, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            to[length++] = (byte)(value | 0x80);
        to[length++] = (byte)value;
        return length;
    }

    /// <summary>Takes a number off the start; false when it is cut off or does not fit 64 bits.</summary>
    public static bool TryRead(scoped ref ReadOnlySpan<byte> from, out ulong value)
    {
        value = 0;
        for (var length = 0; length < from.Length && length < Longest; length++)
        {
            var bits = (ulong)(from[length] & 0x7f);
            if (length == Longest - 1 && bits > 1)
                return false;
            value |= bits << (7 * length);
            if (from[length] >= 0x80)
                continue;
            from = from[(length + 1)..];
            return true;
        }

        return false;
    }

    /// <summary>The same for a number that is never negative; false when it does not fit 63 bits.</summary>
    public static bool TryRead(scoped ref ReadOnlySpan<byte> from, out long value)
    {
        var read = TryRead(ref from, out ulong raw);
        value = (long)raw;
        return read && value >= 0;
    }

    /// <summary>Small numbers of either sign become small: 0, -1, 1, -2 are 0, 1, 2, 3.</summary>
    public static ulong ZigZag(long value) => (ulong)(value << 1) ^ (ulong)(value >> 63);

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
