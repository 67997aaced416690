using System.Text;
using MaildirQuotaWatcher.Maildir;
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
            18446744073709551615:0 changed -5 saved -7 policy 18446744073709551615
            [] 0 [] 1:2 10/11 99/3 at -7
            [.Ünï] 1 [] 18446744073709551615:18446744073709551615 -9223372036854775808/9223372036854775807 -1/-2 at 9223372036854775807 (1=0) (18446744073709551615=-1)
            [.Ünï] 2 [.A/cur] 18446744073709551615:0 0/0 0/0 at 0
            [] 1 [] 18446744073709551615:7 0/0 0/0 at 0 (5=9223372036854775807)
            """, text);
    }

    [Fact]
    public void TryRead_NoDirectories_IsAMailboxToo()
    {
        var writer = new SavedMailboxWriter(Key);
        writer.Begin(1, 2, 3, 4, 5);
        Assert.Equal("1:2 changed 3 saved 4 policy 5", Describe(writer.End()));
    }

    [Fact]
    public void End_TwelveDirectories_AtMost400Bytes()
    {
        var bytes = Usual(new SavedMailboxWriter(Key), folders: 6);
        TestContext.Current.TestOutputHelper!.WriteLine($"12 directories: {bytes.Length} bytes");
        Assert.InRange(bytes.Length, 100, 400);
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

    /// <summary>Nobody can seal garbage without the key; should a bug do it, it is refused or read, never thrown.</summary>
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
                while (unsized.TryNext(out _, out _))
                    left--;
                Assert.Equal(0, left);
            }
        }

        Assert.True(read > 1000 && refused > 1000, $"read {read}, refused {refused}");
    }

    [Fact]
    public void Writer_OtherNumberOfUnsizedMessagesThanAnnounced_Throws()
    {
        var writer = new SavedMailboxWriter(Key);
        writer.Begin(1, 2, 3, 4, 5);
        writer.Add(new SavedDirectory { Unsized = new SavedSizes(2) });
        writer.AddUnsized(1, 1);
        Assert.Throws<InvalidOperationException>(writer.End);
        Assert.Throws<InvalidOperationException>(() => writer.Add(default));
        writer.AddUnsized(2, 1);
        writer.End();
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
    }

    /// <summary>A mailbox as it is most often; new and cur of INBOX and of its folders.</summary>
    internal static byte[] Usual(SavedMailboxWriter writer, int folders, ulong inode = 8_400_123)
    {
        string[] names = ["", ".Sent", ".Drafts", ".Trash", ".Spam", ".Archive.2026"];
        writer.Begin(0xfe01, inode, Now, Now / 1_000_000_000, 0x123456789abcdef0);
        var random = new Random((int)inode);
        for (var i = 0; i < 2 * folders; i++)
        {
            var changed = Now - random.NextInt64(400L * 86_400 * 1_000_000_000);
            writer.Add(new SavedDirectory
            {
                Folder = Encoding.UTF8.GetBytes(names[i / 2]),
                Half = (byte)(i % 2),
                Device = 0xfe01,
                Inode = inode + (ulong)i * 40,
                Modified = changed,
                Changed = changed,
                Bytes = i % 2 == 0 ? 0 : random.NextInt64(4_000_000_000),
                Messages = i % 2 == 0 ? 0 : random.Next(20_000),
                CountedAt = Now / 1_000_000_000 - random.Next(10_000_000),
            });
        }

        return writer.End();
    }

    private static byte[] Odd(SavedMailboxWriter writer)
    {
        writer.Begin(ulong.MaxValue, 0, -5, -7, ulong.MaxValue);
        writer.Add(new SavedDirectory
        {
            Device = 1, Inode = 2, Modified = 10, Changed = 11, Bytes = 99, Messages = 3, CountedAt = -7,
        });
        writer.Add(new SavedDirectory
        {
            Folder = ".Ünï"u8, Half = SavedDirectory.Cur, Device = ulong.MaxValue, Inode = ulong.MaxValue,
            Modified = long.MinValue, Changed = long.MaxValue, Bytes = -1, Messages = -2, CountedAt = long.MaxValue,
            Unsized = new SavedSizes(2),
        });
        writer.AddUnsized(1, 0);
        writer.AddUnsized(ulong.MaxValue, -1);
        writer.Add(new SavedDirectory
        {
            Folder = ".Ünï"u8, Half = SavedDirectory.Nested, Path = ".A/cur"u8, Device = ulong.MaxValue,
        });
        writer.Add(new SavedDirectory
        {
            Half = SavedDirectory.Cur, Device = ulong.MaxValue, Inode = 7, Unsized = new SavedSizes(1),
        });
        writer.AddUnsized(5, long.MaxValue);
        return writer.End();
    }

    private static string Describe(byte[] bytes)
    {
        Assert.True(SavedMailbox.TryRead(Key, bytes, out var mailbox));
        var text = new StringBuilder($"{mailbox.Device}:{mailbox.Inode} changed {mailbox.RootChanged} "
            + $"saved {mailbox.SavedAt} policy {mailbox.Policy}");
        var directories = mailbox.Directories;
        while (directories.TryNext(out var d))
        {
            text.Append($"\n[{Encoding.UTF8.GetString(d.Folder)}] {d.Half} [{Encoding.UTF8.GetString(d.Path)}] "
                + $"{d.Device}:{d.Inode} {d.Modified}/{d.Changed} {d.Bytes}/{d.Messages} at {d.CountedAt}");
            var unsized = d.Unsized;
            while (unsized.TryNext(out var hash, out var size))
                text.Append($" ({hash}={size})");
        }

        return text.ToString();
    }
}
