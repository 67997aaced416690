using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class InotifyRecordsTests
{
    private static readonly byte[] TwoRecords =
    [
        .. Header(7, InotifyMask.IN_CREATE, 0, 8), .. "file\0\0\0\0"u8,
        .. Header(-1, InotifyMask.IN_Q_OVERFLOW, 0, 0),
    ];

    [Fact]
    public void MoveNext_WholeRecords_GivesEach()
    {
        var records = new InotifyRecords(TwoRecords);

        Assert.True(records.MoveNext());
        Assert.Equal(7, records.Wd);
        Assert.Equal("file"u8, records.Name);
        Assert.True(records.MoveNext());
        Assert.Equal(-1, records.Wd);
        Assert.Equal(InotifyMask.IN_Q_OVERFLOW, records.Mask);
        Assert.True(records.Name.IsEmpty);
        Assert.False(records.MoveNext());
    }

    [Fact]
    public void MoveNext_CutAnywhere_GivesOnlyWholeRecords()
    {
        for (var length = 0; length < TwoRecords.Length; length++)
            Assert.Equal(length >= 24 ? 1 : 0, Count(TwoRecords.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(9u)]
    [InlineData(0x7fffffffu)]
    [InlineData(0x80000000u)]
    [InlineData(0xffffffffu)]
    public void MoveNext_NameLengthBeyondTheBytes_Ends(uint nameLength) =>
        Assert.Equal(0, Count([.. Header(1, 2, 3, nameLength), .. "12345678"u8]));

    [Fact]
    public void MoveNext_NameWithoutNul_IsTheWholeName()
    {
        var records = new InotifyRecords([.. Header(1, 2, 3, 4), .. "full"u8]);

        Assert.True(records.MoveNext());
        Assert.Equal("full"u8, records.Name);
    }

    [Fact]
    public void MoveNext_AnyBytes_EndsWithinTheBytes()
    {
        var random = new Random(20_240_601);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            // Small lengths, so that some rounds get past the first record.
            for (var i = 12; i + 4 <= bytes.Length; i += 16)
                if (random.Next(2) == 0)
                    BitConverter.TryWriteBytes(bytes.AsSpan(i), random.Next(40));
            Assert.InRange(Count(bytes), 0, bytes.Length / 16);
        }
    }

    private static int Count(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        foreach (var record in new InotifyRecords(bytes))
            count += record.Name.Length >= 0 ? 1 : 0;
        return count;
    }

    private static byte[] Header(int wd, uint mask, uint cookie, uint nameLength) =>
    [
        .. BitConverter.GetBytes(wd), .. BitConverter.GetBytes(mask),
        .. BitConverter.GetBytes(cookie), .. BitConverter.GetBytes(nameLength),
    ];
}
