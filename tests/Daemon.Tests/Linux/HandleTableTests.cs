using MaildirQuotaWatcher.Linux;

namespace MaildirQuotaWatcher.Daemon.Tests.Linux;

public sealed class HandleTableTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(20)]
    public void Any_SequenceOfSetAndRemove_EqualsADictionary(int length)
    {
        var random = new Random(length);
        var table = new HandleTable();
        var expected = new Dictionary<string, int>();
        for (var step = 0; step < 30_000; step++)
        {
            var bytes = new byte[length];
            BitConverter.TryWriteBytes(bytes.AsSpan(length - 4), random.Next(2000));
            var handle = Make(bytes);
            var key = Convert.ToHexString(bytes);
            if (random.Next(5) < 3)
            {
                var number = table.Set(handle, (uint)random.Next(3));
                Assert.Equal(expected.GetValueOrDefault(key, number), number);
                Assert.DoesNotContain(expected, pair => pair.Value == number && pair.Key != key);
                expected[key] = number;
            }
            else
            {
                Assert.Equal(expected.Remove(key, out var number), table.Remove(table.Find(handle)));
                Assert.False(table.Remove(number) && !expected.ContainsValue(number));
                expected.Where(pair => pair.Value == number).ToList().ForEach(pair => expected.Remove(pair.Key));
            }

            if (random.Next(100) == 0)
                table.Reuse();
            Assert.Equal(expected.Count, table.Count);
        }

        Assert.All(expected, pair => Assert.Equal(pair.Value, table.Find(Make(Convert.FromHexString(pair.Key)))));
    }

    [Fact]
    public void Find_OneThingDifferent_IsAnother()
    {
        var table = new HandleTable();
        var number = table.Set(Make([1, 2, 3, 4, 5, 6, 7, 0]), 7);

        Assert.Equal(number, table.Find(Make([1, 2, 3, 4, 5, 6, 7, 0])));
        Assert.Equal(7u, table.MaskOf(number));
        Assert.Equal(-1, table.Find(Make([1, 2, 3, 4, 5, 6, 8, 0])));
        Assert.Equal(-1, table.Find(Make([1, 2, 3, 4, 5, 6, 7])));
        Assert.Equal(-1, table.Find(Make([1, 2, 3, 4, 5, 6, 7, 0], type: 2)));
        Assert.Equal(-1, table.Find(Make([1, 2, 3, 4, 5, 6, 7, 0], fileSystem: 2)));
    }

    [Fact]
    public void Set_AfterRemove_TakesTheNumberOnlyWhenItMayBeReused()
    {
        var table = new HandleTable();
        var number = table.Set(Make([1]), 0);
        table.Remove(number);

        Assert.NotEqual(number, table.Set(Make([2]), 0));
        table.Reuse();
        Assert.Equal(number, table.Set(Make([3]), 0));
    }

    [Fact]
    public void RemoveAll_FileSystem_LeavesTheOthers()
    {
        var table = new HandleTable();
        var gone = Enumerable.Range(0, 3000).Select(i => table.Set(Make(BitConverter.GetBytes(i)), 0)).ToList();
        var stays = Enumerable.Range(0, 3000)
            .Select(i => table.Set(Make(BitConverter.GetBytes(i), fileSystem: 2), 0)).ToList();

        Assert.Equal(gone, table.RemoveAll(1).Order());

        Assert.All(Enumerable.Range(0, 3000), i =>
        {
            Assert.Equal(-1, table.Find(Make(BitConverter.GetBytes(i))));
            Assert.Equal(stays[i], table.Find(Make(BitConverter.GetBytes(i), fileSystem: 2)));
        });
    }

    [Theory]
    [InlineData(21, 1)]
    [InlineData(8, 256)]
    [InlineData(8, -1)]
    public void TryCreate_DoesNotFit_IsRefused(int length, int type) =>
        Assert.False(FileHandle.TryCreate(1, type, new byte[length], out _));

    [Fact]
    public unsafe void FileHandle_TakesTwentyFourBytes() => Assert.Equal(24, sizeof(FileHandle));

    private static FileHandle Make(byte[] bytes, int type = 1, byte fileSystem = 1)
    {
        Assert.True(FileHandle.TryCreate(fileSystem, type, bytes, out var handle));
        return handle;
    }
}
