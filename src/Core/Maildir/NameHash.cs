using System.Buffers.Binary;
using System.Numerics;

namespace MaildirQuotaWatcher.Maildir;

/// <summary>
/// Keyed 64-bit hash of file names (SipHash-1-3). Keyed because the names are the mailbox owner's to choose: without
/// the key he could make two of them look like one. Never zero, so that zero can mark an empty slot.
/// </summary>
/// <param name="K0">First half of a random key, one a process.</param>
/// <param name="K1">Second half.</param>
public readonly record struct NameHash(ulong K0, ulong K1)
{
    public ulong Of(ReadOnlySpan<byte> name)
    {
        ulong v0 = K0 ^ 0x736f6d6570736575, v1 = K1 ^ 0x646f72616e646f6d;
        ulong v2 = K0 ^ 0x6c7967656e657261, v3 = K1 ^ 0x7465646279746573;
        var length = (ulong)name.Length;

        while (name.Length >= 8)
        {
            Compress(BinaryPrimitives.ReadUInt64LittleEndian(name), ref v0, ref v1, ref v2, ref v3);
            name = name[8..];
        }

        var last = length << 56;
        for (var i = 0; i < name.Length; i++)
            last |= (ulong)name[i] << (8 * i);
        Compress(last, ref v0, ref v1, ref v2, ref v3);

        v2 ^= 0xff;
        for (var i = 0; i < 3; i++)
            Round(ref v0, ref v1, ref v2, ref v3);

        var hash = v0 ^ v1 ^ v2 ^ v3;
        return hash == 0 ? 1 : hash;
    }

    private static void Compress(ulong word, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
