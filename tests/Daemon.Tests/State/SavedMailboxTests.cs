using System.Text;
using MaildirQuotaWatcher.Maildir;
using MaildirQuotaWatcher.Quota;
using MaildirQuotaWatcher.State;

namespace MaildirQuotaWatcher.Daemon.Tests.State;

public sealed class SavedMailboxTests
{
    private const long Now = 1_795_000_000_123_456_789;
    private static readonly NameHash Key = new(1, 2);

    [Fact]
    public void TryRead_WhatWasWritten_IsTheSame()
    {
        var writer = new SavedMailboxWriter(Key);
        // the buffer is used again
        Assert.NotEqual(Odd(writer), Usual(writer, folders: 1));
        var text = Describe(Odd(writer));

        Assert.Equal("""
            18446744073709551615:0 saved 0 policy 18446744073709551615
            2 at 10: 99 bytes, 3 messages
            18446744073709551615 at 9223372036854775807: 9223372036854775807 bytes, 0 messages (1=0) (18446744073709551615=9223372036854775807)
            9223372036854775807 at 1: 0 bytes, 9223372036854775807 messages
            0 at 1: 0 bytes, 0 messages (5=300)
            """, text);
    }

    [Fact]
    public void TryRead_NoDirectories_IsAMailboxToo()
    {
        var writer = new SavedMailboxWriter(Key);
        writer.Begin(1, 2, 3, 4);
        Assert.Equal("1:2 saved 3 policy 4", Describe(writer.End()));
    }

    [Fact]
    public void End_TwelveDirectories_AtMost250Bytes()
    {
        var bytes = Usual(new SavedMailboxWriter(Key), folders: 6);
        TestContext.Current.TestOutputHelper!.WriteLine($"12 directories: {bytes.Length} bytes");
        Assert.InRange(bytes.Length, 100, 250);
    }

    [Fact]
    public void TryRead_EveryTruncationAndBitFlip_IsRefused()
    {
        foreach (var bytes in new[] { Odd(new SavedMailboxWriter(Key)), Usual(new SavedMailboxWriter(Key), 6) })
        {
            for (var length = 0; length < bytes.Length; length++)
                Assert.False(SavedMailbox.TryRead(Key, bytes.AsSpan(0, length), out _), $"first {length}");
            for (var bit = 0; bit < 8 * bytes.Length; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(SavedMailbox.TryRead(Key, bytes, out _), $"bit {bit}");
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            Assert.False(SavedMailbox.TryRead(Key, [.. bytes, 0], out _));
            Assert.True(SavedMailbox.TryRead(Key, bytes, out _));
        }
    }

    [Fact]
    public void TryRead_SealedByAnotherStore_IsRefused() =>
        Assert.False(SavedMailbox.TryRead(new NameHash(1, 3), Odd(new SavedMailboxWriter(Key)), out _));

    /// <summary>Nobody can seal garbage without the key; should a bug do it, it is refused or read, never
    /// thrown.</summary>
    [Fact]
    public void TryRead_SealedGarbage_NeverThrows()
    {
        var random = new Random(20261122);
        var seeds = new[] { Odd(new SavedMailboxWriter(Key)), Usual(new SavedMailboxWriter(Key), 2) };
        var (read, refused) = (0, 0);
        for (var round = 0; round < 100_000; round++)
        {
            byte[] bytes = [.. seeds[round % 2]];
            if (round % 5 == 0)
                random.NextBytes(bytes.AsSpan(1));
            for (var edit = random.Next(4); edit >= 0; edit--)
                bytes[random.Next(9, bytes.Length)] = (byte)random.Next(256);
            if (round % 3 == 0)
                bytes = bytes[..random.Next(9, bytes.Length)];
            SavedMailboxWriter.Seal(Key, bytes);
            if (!SavedMailbox.TryRead(Key, bytes, out var mailbox))
            {
                refused++;
                continue;
            }

            read++;
            var directories = mailbox.Directories;
            while (directories.TryNext(out var directory))
            {
                var unsized = directory.Unsized;
                var left = unsized.Count;
                for (; unsized.TryNext(out _, out var size); left--)
                    Assert.True(size >= 0);
                Assert.Equal(0, left);
                Assert.True(directory is { Stamp: > 0, Usage: { Bytes: >= 0, Messages: >= 0 } });
            }
        }

        Assert.True(read > 1000 && refused > 1000, $"read {read}, refused {refused}");
    }

    [Fact]
    public void Writer_OtherNumberOfUnsizedMessagesThanAnnounced_Throws()
    {
        var writer = new SavedMailboxWriter(Key);
        writer.Begin(1, 2, 3, 4);
        writer.Add(1, 1, default, unsized: 2);
        writer.AddUnsized(1, 1);
        Assert.Throws<InvalidOperationException>(writer.End);
        Assert.Throws<InvalidOperationException>(() => writer.Add(2, 1, default, unsized: 0));
        writer.AddUnsized(2, 1);
        writer.End();
        writer.AddUnsized(3, 1);
        Assert.Throws<InvalidOperationException>(writer.End);
    }

    [Fact]
    public void Writer_OutOfRange_Throws_AndNothingIsAdded()
    {
        var writer = new SavedMailboxWriter(Key);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Begin(1, 2, -1, 4));
        writer.Begin(1, 2, 3, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(1, 0, default, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(1, -1, default, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(1, 1, new Usage(-1, 0), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(1, 1, new Usage(0, -1), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(1, 1, default, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.AddUnsized(1, -1));
        Assert.Equal("1:2 saved 3 policy 4", Describe(writer.End()));
    }

    [Fact]
    public void Varint_EveryLength_ReadsTheSame()
    {
        Span<byte> room = stackalloc byte[Varint.Longest];
        for (var bit = 0; bit < 64; bit++)
        {
            foreach (var number in new[] { 1UL << bit, (1UL << bit) - 1, ulong.MaxValue << bit })
            {
                var length = Varint.Write(room, number);
                ReadOnlySpan<byte> from = room[..length];
                Assert.True(Varint.TryRead(ref from, out ulong read));
                Assert.Equal((number, 0), (read, from.Length));
                from = room[..(length - 1)];
                Assert.False(Varint.TryRead(ref from, out read));
                Assert.Equal((long)number, Varint.UnZigZag(Varint.ZigZag((long)number)));
            }
        }

        ReadOnlySpan<byte> tooLong = [255, 255, 255, 255, 255, 255, 255, 255, 255, 2];
        Assert.False(Varint.TryRead(ref tooLong, out ulong _));
        ReadOnlySpan<byte> negative = [255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
        Assert.False(Varint.TryRead(ref negative, out long _));
    }

    /// <summary>
    /// A mailbox as it is most often: new and cur of folders made at different times, changed last at any in 400 days.
    /// </summary>
    internal static byte[] Usual(SavedMailboxWriter writer, int folders, ulong inode = 8_400_123)
    {
        var device = 0xfe01UL;
        var random = new Random((int)inode);
        writer.Begin(device, inode, Now / 1_000_000_000, 0x123456789abcdef0);
        var identity = inode + device * 0x9e3779b97f4a7c15;
        for (var i = 0; i < folders; i++)
        {
            identity += (ulong)random.Next(1, 100_000);
            writer.Add(identity, Changed(), default, unsized: 0);
            var usage = new Usage(random.NextInt64(4_000_000_000), random.Next(20_000));
            writer.Add(identity + 16, Changed(), usage, unsized: 0);
        }

        return writer.End();

        long Changed() => Now - random.NextInt64(400L * 86_400 * 1_000_000_000);
    }

    private static byte[] Odd(SavedMailboxWriter writer)
    {
        writer.Begin(ulong.MaxValue, 0, 0, ulong.MaxValue);
        writer.Add(2, 10, new Usage(99, 3), unsized: 0);
        writer.Add(ulong.MaxValue, long.MaxValue, new Usage(long.MaxValue, 0), unsized: 2);
        writer.AddUnsized(1, 0);
        writer.AddUnsized(ulong.MaxValue, long.MaxValue);
        writer.Add(long.MaxValue, 1, new Usage(0, long.MaxValue), unsized: 0);
        writer.Add(0, 1, default, unsized: 1);
        writer.AddUnsized(5, 300);
        return writer.End();
    }

    private static string Describe(byte[] bytes)
    {
        Assert.True(SavedMailbox.TryRead(Key, bytes, out var mailbox));
        var text = new StringBuilder(
            $"{mailbox.Device}:{mailbox.Inode} saved {mailbox.SavedAt} policy {mailbox.Policy}");
        var directories = mailbox.Directories;
        while (directories.TryNext(out var directory))
        {
            text.Append($"\n{directory.Identity} at {directory.Stamp}: {directory.Usage}");
            var unsized = directory.Unsized;
            while (unsized.TryNext(out var hash, out var size))
                text.Append($" ({hash}={size})");
        }

        return text.ToString();
    }
}
